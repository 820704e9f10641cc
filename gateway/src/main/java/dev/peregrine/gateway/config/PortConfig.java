package dev.peregrine.gateway.config;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** A local port of a segment: where its frames come from and go to. */
public sealed interface PortConfig permits TapPortConfig, InterfacePortConfig, SocketPortConfig {

    /** Unique in the file. */
    String name();

    /** The word that the file and {@code port list} use for this kind of port. */
    String type();

    /** The MAC address that the port has itself; empty where only its workload knows. */
    Optional<MacAddress> ownMac();

    /** The inner addresses that the port has itself. */
    List<InetAddress> ownAddresses();

    /** Rules for its frames. */
    Optional<PolicyConfig> policy();
}
