package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.packet.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A queue by which one worker reports to the control thread what it saw at a port: a bounded ring of longs. Senders of
 * frames decide how many reports there are, so a report allocates nothing, and each port has {@linkplain QueueShares
 * places of its own}. A full ring loses the report, which is counted. The worker {@link #post}s and {@link #publish}es;
 * the control thread {@link #drain}s.
 */
public final class ReportQueue {
    private static final VarHandle TAIL = handle("tail");
    private static final VarHandle HEAD = handle("head");

    /** Longs of a report: port and segment, and three more. */
    private static final int STRIDE = 4;

    private final Runnable raise;
    private final AtomicBoolean raised = new AtomicBoolean();
    private final Counter dropped = new Counter();
    private final QueueShares shares;
    private final int mask;
    private final long[] words;
    private long written;
    private long tail;
    private long head;

    /** Takes reports. */
    @FunctionalInterface
    public interface Reader {
        /** Takes one report, as it was posted. */
        void report(int port, int segment, long first, long second, long third);
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(ReportQueue.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * An empty queue.
     *
     * @param common places for the reports of all ports
     * @param raise called by the worker to wake the control thread; it must not block
     */
    public ReportQueue(int common, int localPorts, int segments, Runnable raise) {
        this.raise = raise;
        shares = new QueueShares(common, localPorts, segments);
        words = new long[shares.capacity() * STRIDE];
        mask = shares.capacity() - 1;
    }

    /** Posts a report, which the control thread sees once it is published; false when it is lost. */
    public boolean post(int port, int segment, long first, long second, long third) {
        if (!shares.post(port, segment, (long) HEAD.getAcquire(this), written)) {
            dropped.add(1);
            return false;
        }
        int at = ((int) written & mask) * STRIDE;
        words[at] = (long) port << Integer.SIZE | segment;
        words[at + 1] = first;
        words[at + 2] = second;
        words[at + 3] = third;
        written++;
        return true;
    }

    /**
     * Publishes the posted reports to the control thread, and wakes it if needed; once per batch. The fence pairs with
     * that of {@link #drain}: either the control thread sees the reports, or this thread sees that it must wake it.
     */
    public void publish() {
        if (written == tail) {
            return;
        }
        TAIL.setRelease(this, written);
        VarHandle.fullFence();
        if (!raised.getOpaque() && raised.compareAndSet(false, true)) {
            raise.run();
        }
    }

    /**
     * Passes the published reports to {@code reader}; called by the control thread. A report on which the reader fails,
     * for lack of memory, is not passed again.
     */
    public void drain(Reader reader) {
        raised.setOpaque(false);
        VarHandle.fullFence();
        long end = (long) TAIL.getAcquire(this);
        long next = head;
        try {
            while (next < end) {
                int at = ((int) next++ & mask) * STRIDE;
                int port = (int) (words[at] >>> Integer.SIZE);
                reader.report(port, (int) words[at], words[at + 1], words[at + 2], words[at + 3]);
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
