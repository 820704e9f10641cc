package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.vxlan.IpAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where an API server is, and how it is used.
 *
 * @param name the plane's, for threads
 * @param mode which objects the plane is made of
 * @param server the API server, without a slash at its end
 * @param tokenFile the bearer token, read again for each request; empty for none
 * @param ca certificates in PEM that are trusted; empty for those of the Java runtime
 * @param node the name of the own node
 * @param vtep the gateway's address on the underlay
 * @param watchPeriod after which a watch is opened again, give or take a fifth; at least a second
 */
public record KubernetesSettings(
        String name,
        Mode mode,
        URI server,
        Optional<Path> tokenFile,
        Optional<Path> ca,
        String node,
        IpAddress vtep,
        Duration watchPeriod) {
    /** Default of {@code watchPeriod}. */
    public static final Duration WATCH_PERIOD = Duration.ofSeconds(60);

    /** Where a pod finds its service account. */
    public static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** Which objects a plane is made of. */
    public enum Mode {
        /** Nodes with flannel's annotations. */
        FLANNEL,
        /** {@code stations.peregrine.dev}. */
        CRD
    }

    public KubernetesSettings {
        if (watchPeriod.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("a watch of plane " + name + " is to last less than a second");
        }
    }

    /**
     * Settings of which some are left to the environment: without a server it is the cluster whose pod this process is,
     * with the service account's token and certificates.
     *
     * @param node the own node; empty for the variable NODE_NAME, or else {@code host}
     * @param environment of the process
     * @param host name of this host
     */
    public static KubernetesSettings of(
            String name,
            Mode mode,
            Optional<URI> server,
            Optional<Path> tokenFile,
            Optional<Path> ca,
            Optional<String> node,
            IpAddress vtep,
            Duration watchPeriod,
            Map<String, String> environment,
            String host) {
        boolean isInCluster = server.isEmpty();
        return new KubernetesSettings(
                name,
                mode,
                server.orElseGet(() -> clusterServer(environment)),
                isInCluster ? tokenFile.or(() -> Optional.of(SERVICE_ACCOUNT.resolve("token"))) : tokenFile,
                isInCluster ? ca.or(() -> Optional.of(SERVICE_ACCOUNT.resolve("ca.crt"))) : ca,
                node.orElseGet(() -> environment.getOrDefault("NODE_NAME", host)),
                vtep,
                watchPeriod);
    }

    /** The API server of the cluster, as pods are told of it; by its name where they are not. */
    private static URI clusterServer(Map<String, String> environment) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "kubernetes.default.svc");
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        return URI.create("https://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port);
    }
}
