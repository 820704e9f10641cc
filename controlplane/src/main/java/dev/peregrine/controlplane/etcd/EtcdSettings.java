package dev.peregrine.controlplane.etcd;

import dev.peregrine.controlplane.http.TlsFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where a registry is, and how it is used.
 *
 * @param name the plane's, for logs and threads
 * @param endpoints of the cluster's JSON gateway, at least one, without a path
 * @param prefix of all keys, without a slash at its end
 * @param ttl of the lease that the gateway's keys are on, in whole seconds, at least 2
 * @param watchPeriod after which a watch is opened again, give or take a fifth; a registry that hangs is noticed within
 *     it
 * @param insecure whether {@code http:} to other hosts is meant
 * @param login user and password; empty where the registry asks for none
 */
public record EtcdSettings(
        String name,
        List<URI> endpoints,
        String prefix,
        Duration ttl,
        Duration watchPeriod,
        boolean insecure,
        TlsFiles tls,
        Optional<Login> login) {
    /** A user of etcd, and the file whose first line is the password. */
    public record Login(String user, Path passwordFile) {}

    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) throw new IllegalArgumentException("plane " + name + " has no endpoint");
    }
}
