package dev.peregrine.dataplane.header;

import dev.peregrine.dataplane.packet.Packet;

/**
 * A view over one protocol header in the head of a packet: made once, wrapped over packet after packet. Accessors
 * check nothing; who wraps has made sure that the header lies in the head. Not thread-safe.
 */
@SuppressWarnings("NullAway.Init") // packet is set by the wrap that comes before every access
public abstract class HeaderView {
    private Packet packet;
    private int index;

    /** A view that has yet to be wrapped. */
    protected HeaderView() {}

    /** Moves the view over the header at {@code index} of the head. */
    protected final void moveTo(Packet packet, int index) {
        this.packet = packet;
        this.index = index;
    }

    /** Index of the header's first byte in the head. */
    public final int index() {
        return index;
    }

    /** The unsigned byte at {@code offset} in the header. */
    protected final int getByte(int offset) {
        return packet.getByte(index + offset);
    }

    /** The unsigned 16-bit value at {@code offset} in the header. */
    protected final int getShort(int offset) {
        return packet.getShort(index + offset);
    }

    /** The 32-bit value at {@code offset} in the header. */
    protected final int getInt(int offset) {
        return packet.getInt(index + offset);
    }

    /** The 64-bit value at {@code offset} in the header. */
    protected final long getLong(int offset) {
        return packet.getLong(index + offset);
    }

    /** The MAC address at {@code offset} in the header. */
    protected final long getMac(int offset) {
        return packet.getMac(index + offset);
    }

    /** Sets the byte at {@code offset} in the header. */
    protected final void setByte(int offset, int value) {
        packet.setByte(index + offset, value);
    }

    /** Sets the 16-bit value at {@code offset} in the header. */
    protected final void setShort(int offset, int value) {
        packet.setShort(index + offset, value);
    }

    /** Sets the 32-bit value at {@code offset} in the header. */
    protected final void setInt(int offset, int value) {
        packet.setInt(index + offset, value);
    }

    /** Sets the 64-bit value at {@code offset} in the header. */
    protected final void setLong(int offset, long value) {
        packet.setLong(index + offset, value);
    }

    /** Sets the MAC address at {@code offset} in the header. */
    protected final void setMac(int offset, long mac) {
        packet.setMac(index + offset, mac);
    }

    /** The sum of the header's first {@code length} bytes, as {@link InternetChecksum#sum} counts. */
    protected final long sum(int length) {
        return InternetChecksum.sum(packet.memory(), packet.offset() + index, length);
    }
}
