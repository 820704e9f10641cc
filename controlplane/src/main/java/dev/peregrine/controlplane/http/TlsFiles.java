package dev.peregrine.controlplane.http;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Files for TLS, in PEM. They are read again for each connection to a registry, so that certificates can be replaced.
 *
 * @param ca certificates that are trusted; empty: those of the Java runtime
 * @param cert the gateway's certificate, and those between it and the server's authority
 * @param key the private key of {@code cert}, in PKCS#8; there if and only if {@code cert} is
 */
public record TlsFiles(Optional<Path> ca, Optional<Path> cert, Optional<Path> key) {
    /** The runtime's authorities, and no certificate of one's own. */
    public static final TlsFiles NONE = new TlsFiles(Optional.empty(), Optional.empty(), Optional.empty());

    public TlsFiles {
        if (cert.isPresent() != key.isPresent()) throw new IllegalArgumentException("cert and key, or none of the two");
    }
}
