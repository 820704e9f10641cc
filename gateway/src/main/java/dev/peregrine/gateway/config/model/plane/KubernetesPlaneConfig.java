package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Objects of a Kubernetes API server.
 *
 * @param server the API server; empty for that of the cluster whose pod this is
 * @param tokenFile the bearer token; empty for the service account's in a cluster
 * @param ca certificates that are trusted; empty for the service account's in a cluster
 * @param node name of the own node; empty for the variable NODE_NAME, or else the host's name
 * @param watchPeriod after how long a watch is opened again, with 20 percent of jitter
 * @param insecure whether plain HTTP to another host is meant
 */
public record KubernetesPlaneConfig(
        String name,
        Mode mode,
        Optional<URI> server,
        Optional<Path> tokenFile,
        Optional<Path> ca,
        Optional<String> node,
        Duration watchPeriod,
        boolean insecure,
        Optional<List<Prefix>> allow)
        implements PlaneConfig {
    /** The word in the file. */
    public static final String TYPE = "kubernetes";

    /** Which objects. */
    public enum Mode {
        /** Nodes with flannel's annotations. */
        FLANNEL,
        /** Objects of a definition of one's own. */
        CRD
    }

    public KubernetesPlaneConfig {
        allow = allow.map(List::copyOf);
    }

    @Override
    public String type() {
        return TYPE;
    }
}
