package dev.peregrine.dataplane.packet;

import java.nio.ByteOrder;
import org.agrona.UnsafeApi;

/**
 * Native memory by address, where an access is one instruction. Nothing is checked here, neither bounds nor whether the
 * memory is still allocated: who calls has done so, as {@link Packet} does for the bytes of its buffer, or computes
 * addresses that cannot leave an allocation of its own. Everything off the packet path uses memory segments.
 */
public final class NativeMemory {
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private NativeMemory() {}

    /** The 64-bit value at an address, in the machine's byte order. */
    public static long getLong(long address) {
        return UnsafeApi.getLong(address);
    }

    /** Sets the 64-bit value at an address, in the machine's byte order. */
    public static void putLong(long address, long value) {
        UnsafeApi.putLong(address, value);
    }

    /** As {@link #getLong}; later accesses of this thread come later. The address is a multiple of 8. */
    public static long getLongAcquire(long address) {
        return UnsafeApi.getLongAcquire(null, address);
    }

    /** As {@link #putLong}; earlier accesses of this thread come earlier. The address is a multiple of 8. */
    public static void putLongRelease(long address, long value) {
        UnsafeApi.putLongRelease(null, address, value);
    }

    /** As {@link #putLong}, with the effects of a volatile write. The address is a multiple of 8. */
    public static void putLongVolatile(long address, long value) {
        UnsafeApi.putLongVolatile(null, address, value);
    }

    /**
     * Sets the 64-bit value at an address if it is {@code expected}; whether it was. The address is a multiple of 8.
     */
    public static boolean compareAndSetLong(long address, long expected, long value) {
        return UnsafeApi.compareAndSetLong(null, address, expected, value);
    }

    /** The 32-bit value at an address, in the machine's byte order. */
    public static int getInt(long address) {
        return UnsafeApi.getInt(address);
    }

    /** Sets the 32-bit value at an address, in the machine's byte order. */
    public static void putInt(long address, int value) {
        UnsafeApi.putInt(address, value);
    }

    /** The unsigned byte at an address. */
    public static int getByte(long address) {
        return UnsafeApi.getByte(address) & 0xff;
    }

    /** Sets the byte at an address. */
    public static void putByte(long address, int value) {
        UnsafeApi.putByte(address, (byte) value);
    }

    /** The unsigned 16-bit value at an address, in network byte order. */
    public static int getNetworkShort(long address) {
        return inOrder(UnsafeApi.getShort(address)) & 0xffff;
    }

    /** Sets the 16-bit value at an address, in network byte order. */
    public static void putNetworkShort(long address, int value) {
        UnsafeApi.putShort(address, inOrder((short) value));
    }

    /** The 32-bit value at an address, in network byte order. */
    public static int getNetworkInt(long address) {
        return inOrder(UnsafeApi.getInt(address));
    }

    /** Sets the 32-bit value at an address, in network byte order. */
    public static void putNetworkInt(long address, int value) {
        UnsafeApi.putInt(address, inOrder(value));
    }

    /** The 64-bit value at an address, in network byte order. */
    public static long getNetworkLong(long address) {
        return inOrder(UnsafeApi.getLong(address));
    }

    /** Sets the 64-bit value at an address, in network byte order. */
    public static void putNetworkLong(long address, long value) {
        UnsafeApi.putLong(address, inOrder(value));
    }

    private static short inOrder(short value) {
        return LITTLE_ENDIAN ? Short.reverseBytes(value) : value;
    }

    private static int inOrder(int value) {
        return LITTLE_ENDIAN ? Integer.reverseBytes(value) : value;
    }

    private static long inOrder(long value) {
        return LITTLE_ENDIAN ? Long.reverseBytes(value) : value;
    }
}
