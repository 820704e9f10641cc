package dev.peregrine.fastpath;

/**
 * Counts frames out that a tier below the flow cache has counted in, because it left them to the gateway: see {@code
 * fastpath.kernel}. Belongs to one worker.
 */
public interface OrderCounts {
    /** Whether the tier below counts the packets that come in by a local port. */
    boolean counts(int port);

    /** Packets of a flow came in by such a port; once their batch has left the gateway they are to be counted out. */
    void arrived(FlowKey key, int wirePackets);
}
