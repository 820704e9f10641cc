package dev.peregrine.dataplane.offload;

/**
 * The meaning of the tunnel header in front of an inner frame, whose {@value #LENGTH} bytes are one big-endian value.
 * Immutable; any thread.
 */
public interface TunnelHeaders {
    /** Bytes of a tunnel header. */
    int LENGTH = Long.BYTES;

    /** The least MTU of all networks, in bytes of inner IP packet: a packet of at most this length fits everywhere. */
    int leastMtu();

    /** The MTU of the network that a header names; {@link Integer#MAX_VALUE} where there is no such network. */
    int mtuOf(long header);

    /**
     * Whether {@code other} names the same network as {@code header}, whatever their other fields. False where the
     * bytes of a payload could do so by chance.
     */
    boolean isSameNetwork(long header, long other);

    /**
     * Whether a tunnel's end may have written these bytes. True for every header that one writes; nearly always false
     * for bytes of a payload.
     */
    boolean isHeader(long bytes);
}
