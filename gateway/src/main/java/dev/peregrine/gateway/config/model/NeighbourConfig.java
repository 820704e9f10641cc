package dev.peregrine.gateway.config.model;

import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;

/** A host behind a remote VTEP for which ARP or neighbour discovery is answered. */
public record NeighbourConfig(InetAddress address, MacAddress mac) {}
