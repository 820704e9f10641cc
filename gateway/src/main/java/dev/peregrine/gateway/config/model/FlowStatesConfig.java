package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;

/**
 * The table of flows that policies have let pass.
 *
 * @param capacity flows
 * @param pickUp whether a TCP connection may be followed from its middle
 * @param timeouts after which silence a flow is forgotten
 */
public record FlowStatesConfig(int capacity, boolean pickUp, FlowTimeouts timeouts) {}
