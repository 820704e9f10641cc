package dev.peregrine.dataplane.policy.conntrack;

/**
 * The relation of a packet to flows, as {@link FlowTracker} finds it. The names are those of connection tracking
 * everywhere.
 */
public enum FlowState {
    /** Nothing is known of its flow, and it may begin one: rules decide. */
    NEW,
    /** It belongs to a flow that rules let pass before, in either direction. */
    ESTABLISHED,
    /** It is an ICMP error about a packet of such a flow, sent to where that packet came from. */
    RELATED,
    /** It belongs to no flow and cannot begin one, or contradicts the state of its flow. */
    INVALID,
    /** It has no flow: not IP, multicast, or ICMP other than echo and errors. Rules decide by its headers alone. */
    UNTRACKED
}
