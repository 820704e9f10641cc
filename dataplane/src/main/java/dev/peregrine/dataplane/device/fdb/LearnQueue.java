package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.packet.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The queue by which one worker reports to the control thread which MAC it saw at which port: a bounded ring of longs,
 * without allocation.
 *
 * <p>A sighting that was just posted is not posted again, since its entry will soon be made, or was refused. A full
 * ring loses the sighting, which costs a repeated flood and is counted; each port has {@linkplain QueueShares places of
 * its own}. The worker {@link #post}s and {@link #publish}es; the control thread {@link #drain}s.
 */
public final class LearnQueue {
    private static final VarHandle TAIL = handle("tail");
    private static final VarHandle HEAD = handle("head");

    private static final int COMMON = 1024;
    private static final int RECENT = 256;

    /** The time for which the same sighting is not posted again. */
    private static final long REPEAT_NANOS = 100_000_000L;

    private final Runnable raise;
    private final AtomicBoolean raised = new AtomicBoolean();
    private final Counter dropped = new Counter();
    private final QueueShares shares;
    private final int mask;
    private final long[] keys;
    private final int[] ports;
    private final long[] recentKeys = new long[RECENT];
    private final int[] recentPorts = new int[RECENT];
    private final long[] recentNanos = new long[RECENT];
    private long written;
    private long tail;
    private long head;

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(LearnQueue.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** An empty queue; the worker calls {@code raise} to wake the control thread; it must not block. */
    public LearnQueue(int localPorts, int segments, Runnable raise) {
        this.raise = raise;
        shares = new QueueShares(COMMON, localPorts, segments);
        keys = new long[shares.capacity()];
        ports = new int[shares.capacity()];
        mask = shares.capacity() - 1;
    }

    /** Posts that a frame from {@code mac} came in by {@code port}; the control thread sees it once published. */
    public void post(int segment, long mac, int port, long nowNanos) {
        long key = FdbTable.key(segment, mac);
        int recent = (int) ((key * Mix.GOLDEN) >>> 56);
        if (recentKeys[recent] == key && recentPorts[recent] == port && nowNanos - recentNanos[recent] < REPEAT_NANOS) {
            return;
        }
        if (!shares.post(port, segment, (long) HEAD.getAcquire(this), written)) {
            dropped.add(1);
            return;
        }
        recentKeys[recent] = key;
        recentPorts[recent] = port;
        recentNanos[recent] = nowNanos;
        int index = (int) written & mask;
        keys[index] = key;
        ports[index] = port;
        written++;
    }

    /**
     * Publishes the posted sightings to the control thread, and wakes it if needed; once per batch. The fence pairs
     * with that of {@link #drain}: either the control thread sees the sightings, or this thread sees that it must wake
     * it.
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
     * Applies the published sightings to the FDB; called by the control thread. A sighting on which the FDB fails, for
     * lack of memory, is not applied again.
     *
     * @return the number of entries that moved to another port
     */
    public int drain(Fdb fdb, long nowNanos) {
        raised.setOpaque(false);
        VarHandle.fullFence();
        long end = (long) TAIL.getAcquire(this);
        int moved = 0;
        long at = head;
        try {
            while (at < end) {
                int index = (int) at++ & mask;
                long key = keys[index];
                Fdb.Learned learned = fdb.learn(FdbTable.segment(key), FdbTable.mac(key), ports[index], nowNanos);
                if (learned == Fdb.Learned.MOVED) {
                    moved++;
                }
            }
        } finally {
            HEAD.setRelease(this, at);
        }
        return moved;
    }

    /** The number of sightings lost because the control thread was too slow; any thread may read it. */
    public long dropped() {
        return dropped.value();
    }
}
