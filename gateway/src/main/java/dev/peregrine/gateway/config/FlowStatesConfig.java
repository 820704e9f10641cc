package dev.peregrine.gateway.config;

import java.time.Duration;

/**
 * The table of flows that policies have let pass.
 *
 * @param capacity flows
 * @param pickUp whether a TCP connection may be followed from its middle
 */
public record FlowStatesConfig(
        int capacity,
        boolean pickUp,
        Duration tcpHandshake,
        Duration tcpEstablished,
        Duration tcpHalfClosed,
        Duration tcpClosed,
        Duration tcpReset,
        Duration udp,
        Duration udpReplied,
        Duration echo,
        Duration other,
        Duration fragments) {}
