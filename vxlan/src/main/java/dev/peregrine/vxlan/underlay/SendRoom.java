package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.socket.UnresolvedQueue;
import java.net.ProtocolFamily;

/**
 * The size that the send buffer of an underlay socket needs, so that no remote VTEP takes the room of another.
 *
 * <p>The kernel parks datagrams for a next hop that does not answer, at most {@code parked} bytes for each, and charges
 * them to the socket that sent them. It gives up after three seconds, and then parks the next ones. A buffer without
 * room for all of them is full when some VTEPs are off, and then takes nothing for those that are on. So the size is a
 * sum: the bytes that a slow device may hold, and the bytes that the kernel parks for each VTEP. The sum reserves no
 * memory: the kernel parks no more than without it.
 *
 * @param parked the most bytes that the kernel parks for one next hop
 * @param most the largest buffer to ask for, in bytes
 */
public record SendRoom(int parked, long most) {
    /** Enough for a few dozen superframes that a slow device has not sent yet; in the kernel's terms, twice of it. */
    static final int DEVICE_BYTES = 4 << 20;

    /** One message of {@code UDP_SEGMENT}, with bookkeeping: it is parked even where the queue is set shorter. */
    private static final int MESSAGE_BYTES = 160 << 10;

    /** Above it the kernel's doubled value overflows. */
    private static final long KERNEL_MOST = Integer.MAX_VALUE / 2;

    private static final int FEWEST_VTEPS = 16;

    /** Reads the settings of the calling thread's network namespace. */
    public static SendRoom of(ProtocolFamily family) {
        return new SendRoom(UnresolvedQueue.bytes(family), KERNEL_MOST);
    }

    /**
     * The number of VTEPs to make room for when there are {@code vteps}: some more, so that not every VTEP that comes
     * at run time changes all sockets.
     */
    static int roundedUp(int vteps) {
        return Math.max(FEWEST_VTEPS, Integer.highestOneBit(Math.max(1, vteps - 1)) << 1);
    }

    /** The bytes that a gateway asks of {@code SO_SNDBUF} when it has {@code vteps} remote VTEPs. */
    public int wanted(int vteps) {
        return bytes(roundedUp(vteps));
    }

    /**
     * The bytes to ask of {@code SO_SNDBUF} for a number of VTEPs. The kernel doubles them; the parked bytes are halved
     * for that.
     */
    int bytes(int vteps) {
        long sum = DEVICE_BYTES + (long) vteps * Math.max(parked, MESSAGE_BYTES) / 2;
        return (int) Math.min(sum, KERNEL_MOST);
    }
}
