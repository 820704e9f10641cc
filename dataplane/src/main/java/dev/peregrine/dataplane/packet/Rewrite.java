package dev.peregrine.dataplane.packet;

/**
 * The change of a device to the headers and metadata of a frame, as an object: its stage applies it to the packets that
 * walk the chain, and a flow cache applies the same object to those that do not, so both leave with the same bytes.
 *
 * <p>Holds what is equal for all packets of a flow (a header template, settings). The values that differ from packet to
 * packet, such as lengths, ECN, DSCP and TTL, it takes from the packet. Immutable, and so for any thread.
 */
public interface Rewrite {
    /**
     * Rewrites a dissected packet with a valid IPv4 or IPv6 header at {@link Packet#networkIndex}; a superframe once
     * for all its segments.
     *
     * @return false when the packet must not go on; it is unchanged then, and the stage knows the reason
     */
    boolean apply(Packet packet);
}
