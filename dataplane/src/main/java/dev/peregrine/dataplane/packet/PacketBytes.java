package dev.peregrine.dataplane.packet;

import java.lang.foreign.MemorySegment;

/**
 * The part of a pooled buffer that is a {@link Packet}'s own, from floor to ceiling, and the bytes in it.
 *
 * <p>Indices are bytes from the first byte of the head; multi-byte values are in network byte order. Memory outside the
 * packet's own part of the buffer cannot be read or written through it.
 */
public abstract sealed class PacketBytes extends Journey permits PacketExtent {
    long floor;
    long offset;
    long ceiling;
    final MemorySegment memory;
    private final long base;

    /** A view of a slab, without bytes so far. */
    PacketBytes(MemorySegment memory) {
        this.memory = memory;
        base = memory.address();
    }

    /** The slab that {@link #offset}, {@link Packet#sliceOffset} and {@link #ceiling} count in. */
    public MemorySegment memory() {
        return memory;
    }

    /** Position of the first byte of the head in {@link #memory}. */
    public long offset() {
        return offset;
    }

    /** The lowest position in {@link #memory} that the head may grow down to. */
    public long floor() {
        return floor;
    }

    /** The position in {@link #memory} behind the last usable byte. */
    public long ceiling() {
        return ceiling;
    }

    /** The native address of the first byte of the head, for system calls. */
    public long address() {
        return base + offset;
    }

    /**
     * The native address of {@code bytes} bytes from {@code index}, for who reads several values there.
     *
     * @throws IndexOutOfBoundsException if they do not lie between {@link #floor} and {@link #ceiling}
     */
    public long address(int index, int bytes) {
        long at = offset + index;
        if (((at - floor) | (ceiling - bytes - at)) < 0) {
            throw new IndexOutOfBoundsException(index);
        }
        return base + at;
    }

    /** The unsigned byte at {@code index}. */
    public int getByte(int index) {
        return NativeMemory.getByte(address(index, 1));
    }

    /** The unsigned 16-bit value at {@code index}. */
    public int getShort(int index) {
        return NativeMemory.getNetworkShort(address(index, 2));
    }

    /** The 32-bit value at {@code index}. */
    public int getInt(int index) {
        return NativeMemory.getNetworkInt(address(index, 4));
    }

    /** The 64-bit value at {@code index}. */
    public long getLong(int index) {
        return NativeMemory.getNetworkLong(address(index, 8));
    }

    /** The 48-bit value at {@code index}: a MAC address. */
    public long getMac(int index) {
        return ((long) getShort(index) << 32) | (getInt(index + 2) & 0xffff_ffffL);
    }

    /** Sets the byte at {@code index}. */
    public void setByte(int index, int value) {
        NativeMemory.putByte(address(index, 1), value);
    }

    /** Sets the 16-bit value at {@code index}. */
    public void setShort(int index, int value) {
        NativeMemory.putNetworkShort(address(index, 2), value);
    }

    /** Sets the 32-bit value at {@code index}. */
    public void setInt(int index, int value) {
        NativeMemory.putNetworkInt(address(index, 4), value);
    }

    /** Sets the 64-bit value at {@code index}. */
    public void setLong(int index, long value) {
        NativeMemory.putNetworkLong(address(index, 8), value);
    }

    /** Sets the 48-bit value at {@code index}. */
    public void setMac(int index, long mac) {
        setShort(index, (int) (mac >>> 32));
        setInt(index + 2, (int) mac);
    }
}
