package dev.peregrine.dataplane.device.neighbour;

import dev.peregrine.dataplane.device.fdb.QueueShares;
import dev.peregrine.dataplane.packet.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The queue by which one worker reports to the control thread which host claims an address: a bounded ring of longs,
 * without allocation. A full ring loses the report, which costs a flooded request; each port has {@linkplain
 * QueueShares places of its own}. The worker {@link #post}s, the control thread {@link #drain}s.
 */
public final class NeighbourQueue {
    private static final VarHandle TAIL = handle("tail");
    private static final VarHandle HEAD = handle("head");

    private static final int COMMON = 256;
    private static final int STRIDE = 4;
    private static final long ROUTER = 1L << 63;

    private final Runnable raise;
    private final AtomicBoolean raised = new AtomicBoolean();
    private final Counter dropped = new Counter();

    private final QueueShares shares;
    private final int mask;

    /** For each message: MAC and whether it is a router's, port and segment, and the two halves of the address. */
    private final long[] words;

    private long tail;
    private long head;

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(NeighbourQueue.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** An empty queue; the worker calls {@code raise} to wake the control thread; it must not block. */
    public NeighbourQueue(int localPorts, int segments, Runnable raise) {
        this.raise = raise;
        shares = new QueueShares(COMMON, localPorts, segments);
        words = new long[shares.capacity() * STRIDE];
        mask = shares.capacity() - 1;
    }

    /**
     * Posts that a host behind a port claimed an address for a MAC, and wakes the control thread if needed. The fence
     * pairs with that of {@link #drain}.
     */
    void post(int segment, int port, long high, long low, long mac, boolean isRouter) {
        if (!shares.post(port, segment, (long) HEAD.getAcquire(this), tail)) {
            dropped.add(1);
            return;
        }
        int at = ((int) tail & mask) * STRIDE;
        words[at] = mac | (isRouter ? ROUTER : 0);
        words[at + 1] = (long) port << Integer.SIZE | segment;
        words[at + 2] = high;
        words[at + 3] = low;
        TAIL.setRelease(this, tail + 1);
        VarHandle.fullFence();
        if (!raised.getOpaque() && raised.compareAndSet(false, true)) {
            raise.run();
        }
    }

    /** Applies the posted reports to the table; called by the control thread. */
    public void drain(NeighbourTable table, long nowNanos) {
        raised.setOpaque(false);
        VarHandle.fullFence();
        long end = (long) TAIL.getAcquire(this);
        long next = head;
        try {
            while (next < end) {
                int at = ((int) next++ & mask) * STRIDE;
                long mac = words[at] & ~ROUTER;
                int port = (int) (words[at + 1] >>> Integer.SIZE);
                table.learn((int) words[at + 1], port, words[at + 2], words[at + 3], mac, words[at] < 0, nowNanos);
            }
        } finally {
            HEAD.setRelease(this, next);
        }
    }

    /** The number of reports lost because the control thread was too slow; any thread may ask. */
    public long dropped() {
        return dropped.value();
    }
}
