package dev.peregrine.gateway.config;

import java.util.Optional;

/** A local port of a segment: where its frames come from and go to. */
public sealed interface PortConfig permits TapPortConfig, InterfacePortConfig, SocketPortConfig {

    /** Unique in the file. */
    String name();

    /** The word that the file and {@code port list} use for this kind of port. */
    String type();

    /** Rules for its frames. */
    Optional<PolicyConfig> policy();
}
