package dev.peregrine.vxlan.underlay;

/** Is told of all datagrams that a worker receives, whatever becomes of them. Belongs to the worker. */
@FunctionalInterface
public interface Arrivals {
    /**
     * Datagrams came from one source port, together if the kernel merged them; they are of the batch that comes next.
     *
     * @param sourceHigh the sender's address as IPv6, IPv4 mapped
     * @param bytes of UDP payload
     */
    void came(long sourceHigh, long sourceLow, int sourcePort, int bytes);
}
