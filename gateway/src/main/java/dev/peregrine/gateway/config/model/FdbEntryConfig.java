package dev.peregrine.gateway.config.model;

import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.util.Optional;

/** A static FDB entry: a MAC address behind a remote VTEP or a local port, exactly one of the two. */
public record FdbEntryConfig(MacAddress mac, Optional<InetAddress> vtep, Optional<String> port) {}
