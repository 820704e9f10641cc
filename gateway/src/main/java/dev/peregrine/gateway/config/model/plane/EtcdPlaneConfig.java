package dev.peregrine.gateway.config.model.plane;

import dev.peregrine.dataplane.linux.sys.Prefix;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A registry in etcd.
 *
 * @param endpoints of its HTTP gateway, tried one after the other
 * @param prefix of all keys, without a slash at its end
 * @param ttl how long the gateway's keys outlive it
 * @param watchPeriod after how long a watch is opened again, with 20 percent of jitter
 * @param insecure whether plain HTTP to other hosts is meant
 * @param passwordFile holds the password of {@code user}
 */
public record EtcdPlaneConfig(
        String name,
        List<URI> endpoints,
        String prefix,
        Duration ttl,
        Duration watchPeriod,
        boolean insecure,
        Optional<TlsConfig> tls,
        Optional<String> user,
        Optional<Path> passwordFile,
        Optional<List<Prefix>> allow)
        implements PlaneConfig {
    /** The word in the file. */
    public static final String TYPE = "etcd";

    public EtcdPlaneConfig {
        endpoints = List.copyOf(endpoints);
        allow = allow.map(List::copyOf);
    }

    @Override
    public String type() {
        return TYPE;
    }
}
