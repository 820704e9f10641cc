package dev.peregrine.gateway.config;

import java.net.InetAddress;
import java.util.Optional;

/** A route in a TAP device's namespace; without {@code via} the destination is on the link. */
public record RouteConfig(Prefix to, Optional<InetAddress> via) {}
