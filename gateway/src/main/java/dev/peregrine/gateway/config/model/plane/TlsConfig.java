package dev.peregrine.gateway.config.model.plane;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The files that TLS needs, in PEM.
 *
 * @param ca certificates that sign the server's; empty: those of the Java runtime
 * @param cert the gateway's own certificate, and those between it and the one that the server trusts
 * @param key its private key in PKCS#8
 */
public record TlsConfig(Optional<Path> ca, Optional<Path> cert, Optional<Path> key) {}
