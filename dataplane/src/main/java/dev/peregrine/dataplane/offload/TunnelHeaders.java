package dev.peregrine.dataplane.offload;

/**
 * The meaning of the tunnel header in front of an inner frame, whose {@value #LENGTH} bytes are one big-endian value.
 * Immutable; any thread.
 */
public interface TunnelHeaders {
    /** Bytes of a tunnel header. */
    int LENGTH = Long.BYTES;

    /** The least MTU of all networks, in bytes of inner IP packet: what no packet exceeds that fits everywhere. */
    int leastMtu();

    /** The MTU of the network that a header names; {@link Integer#MAX_VALUE} where there is no such network. */
    int mtuOf(long header);

    /**
     * Whether {@code other} names the network that {@code header} names, whatever else the two say. False where the bytes of a
     * payload could say so by chance.
     */
    boolean isSameNetwork(long header, long other);

    /**
     * Whether a tunnel's end may have written these bytes. True for all that one writes; nearly always false for bytes of
     * some payload.
     */
    boolean isHeader(long bytes);
}
