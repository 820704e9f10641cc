package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Containment;
import dev.peregrine.dataplane.stage.Histogram;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One unit of scheduling: polls its sources, and the links and queues within its graph, and pushes their packets
 * through the graph. A plain object without a thread: an event loop runs it in production, a simulation in tests.
 * Everything it reaches, except links, belongs to it alone.
 */
public final class Worker {
    /**
     * The most packets that one source gives in a turn, so that none waits long for the others: one batch. A saturated
     * source costs the others one batch between two looks at the sources that became ready meanwhile.
     */
    public static final int SOURCE_BUDGET = Batch.CAPACITY;

    /** The most packets that a link or queue gives in a turn: all that one holds, so that they stay short. */
    private static final int INNER_BUDGET = WorkerGroup.DEFAULT_LINK_CAPACITY;

    /** Of a turn that is to find nothing more: so that it ends soon where many sources have packets. */
    private static final int EXHAUST_BUDGET = 4 * SOURCE_BUDGET;

    private static final int EMPTY_TURNS = 2;

    /** The n of which one batch in n is stamped with the time at which it was received. */
    private static final int STAMPED_BATCHES = 64;

    /** Wire packets in one batch that pay for a wake-up. */
    public static final int BULK = 8;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle BOUNDARY;

    static {
        try {
            BOUNDARY = MethodHandles.lookup().findVarHandle(Worker.class, "boundary", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int id;
    private final LongSupplier clock;
    private final Batch batch = new Batch();
    private final List<Input> inputs = new ArrayList<>();
    private final Counter packets = new Counter();
    private Runnable beforeBatch = () -> {};
    private @Nullable Runnable afterBatch;

    /** By the number of packets, how many batches of that size sources gave: the only count of each batch. */
    private final long[] batches = new long[Batch.CAPACITY + 1];

    private int batchesToStamp;
    private final Doorbell doorbell = new Doorbell();
    private @Nullable PacketPool pool;
    private @Nullable OrderGuard guard;
    private Containment containment = new Containment(new DropCounters(), Worker::rethrow);
    private boolean paused;
    private int turn;
    private boolean bulk;

    /** Odd while a batch is being handled. */
    private long boundary;

    /**
     * A worker without inputs.
     *
     * @param id number of the worker, from 0
     * @param clock nanoseconds, read once per batch
     */
    public Worker(int id, LongSupplier clock) {
        this.id = id;
        this.clock = clock;
    }

    /** Number of the worker, from 0. */
    public int id() {
        return id;
    }

    /** Adds a source and the sink that its packets enter. */
    public Input add(Source source, Sink sink) {
        Input input = new Input(source, sink);
        inputs.add(input);
        return input;
    }

    /** Removes a source, from which nothing is polled any more; called on the worker's thread, between two turns. */
    public void remove(Input input) {
        inputs.remove(input);
        turn = 0;
    }

    /**
     * Sets the links and queues that stand between two devices, and the sink behind each. Those that were there keep
     * their packets; new ones, and those that leave, must be empty. Called on the worker's thread, between two turns.
     */
    void inner(Map<InnerQueue, Sink> joints) {
        inputs.removeIf(input -> input.isInner() && !joints.containsKey(input.source()));
        Set<InnerQueue> missing = new LinkedHashSet<>(joints.keySet());
        for (Input input : inputs) {
            if (input.source() instanceof InnerQueue queue) {
                input.rewire(queue, Objects.requireNonNull(joints.get(queue)));
                missing.remove(queue);
            }
        }
        for (InnerQueue queue : missing) {
            inputs.add(new Input(queue, Objects.requireNonNull(joints.get(queue))));
        }
        turn = 0;
    }

    /** The inputs that {@link #inner(Map)} set; called by the thread that assembles the graphs. */
    List<Input> inner() {
        return inputs.stream().filter(Input::isInner).toList();
    }

    /**
     * Sets the parts that the worker serves in each turn.
     *
     * @param ownPool the pool that packets return to
     * @param ownGuard the guard that parks packets; null for none
     * @param ownContainment keeps failures local
     */
    void attach(PacketPool ownPool, @Nullable OrderGuard ownGuard, Containment ownContainment) {
        pool = ownPool;
        ownPool.raisedBy(doorbell::ring);
        guard = ownGuard;
        containment = ownContainment;
    }

    private static void rethrow(String where, Throwable fault) {
        throw new IllegalStateException(where, fault);
    }

    /** Parks packets that must wait, if any may; for the thread that assembles the graphs. */
    @Nullable
    OrderGuard guard() {
        return guard;
    }

    /** Packets that wait until their flow may take another path; any thread may ask. */
    public int parked() {
        OrderGuard now = guard;
        return now == null ? 0 : now.parked();
    }

    /**
     * Stops or resumes polling sources; the worker still processes the packets in the graph. Called on the worker's
     * thread.
     */
    public void pause(boolean on) {
        paused = on;
    }

    /**
     * Sets the action that makes this worker take a turn when others hand it packets while it is asleep; it must not
     * block.
     */
    public void raisedBy(Runnable raise) {
        doorbell.raise(raise);
    }

    /** The doorbell that others ring. */
    Doorbell doorbell() {
        return doorbell;
    }

    /**
     * Takes one turn: polls every source that is ready once, for at most {@link #SOURCE_BUDGET} packets, and empties
     * links and queues. The next turn begins with the source after the last one polled, so that a small budget starves
     * none. An exception or error costs the batch that it came with, and the turn continues.
     *
     * @param budget about how many packets to take in all
     * @return the number of packets taken
     */
    public int run(int budget) {
        doorbell.markAwake();
        bulk = false;
        if (pool != null) {
            pool.takeReturns();
        }
        int done = guard != null && guard.isWaiting() ? release(guard) : 0;
        for (int i = 0; i < inputs.size() && done < budget; i++) {
            Input input = inputs.get(turn);
            turn = turn + 1 == inputs.size() ? 0 : turn + 1;
            if (input.isDue(paused)) {
                done += drain(input, Math.min(input.isInner() ? INNER_BUDGET : SOURCE_BUDGET, budget - done));
            }
        }
        if (done > 0) {
            packets.add(done);
        }
        return done;
    }

    /**
     * Takes turns, whether sources are known to be ready or not, until two in a row give nothing: then all that had
     * come before the call has left. One is not enough: a source that emptied its queue at its last poll may say so at
     * the next one without looking, however long ago that was. On the worker's thread.
     *
     * @param deadlineNanos by the worker's clock; no turn begins behind it
     * @return false if there were no such turns, or the worker is paused
     */
    public boolean exhaust(long deadlineNanos) {
        int empty = 0;
        do {
            if (paused) {
                return false;
            }
            for (Input input : inputs) {
                input.markReady();
            }
            empty = run(EXHAUST_BUDGET) == 0 ? empty + 1 : 0;
            if (empty == EMPTY_TURNS) {
                return !isStarved();
            }
        } while (clock.getAsLong() - deadlineNanos < 0);
        return false;
    }

    /** Whether the last turn took a batch of at least {@link #BULK} wire packets; for the worker's thread. */
    public boolean tookBulk() {
        return bulk;
    }

    /** Whether no buffer is free, so that polling would give nothing although packets wait; for the worker's thread. */
    public boolean isStarved() {
        return pool != null && pool.available() == 0;
    }

    /** Continues with packets that were parked, as a batch of their own. */
    private int release(OrderGuard waiting) {
        beginBatch();
        try {
            beforeBatch.run();
            return waiting.release(clock.getAsLong());
        } catch (Throwable fault) {
            containment.lose("parked packets", batch, fault);
            return 0;
        } finally {
            endBatch();
        }
    }

    private int drain(Input input, int budget) {
        int done = 0;
        while (done < budget) {
            int polled = poll(input);
            if (polled == 0) {
                input.markEmpty();
                break;
            }
            done += polled;
            bulk = bulk || batch.hasSegments(BULK);
            settle(input, polled);
        }
        return done;
    }

    private int poll(Input input) {
        try {
            return input.source().poll(batch);
        } catch (Throwable fault) {
            containment.lose(input.source().getClass().getSimpleName(), batch, fault);
            return 0;
        }
    }

    /** Pushes a batch through the graph; failures stay in it. */
    private void settle(Input input, int polled) {
        beginBatch();
        try {
            beforeBatch.run();
            batch.nowNanos(clock.getAsLong());
            if (!input.isInner()) {
                arrived(polled);
            }
            input.sink().accept(batch);
        } catch (Throwable fault) {
            containment.lose(input.sink().getClass().getSimpleName(), batch, fault);
        } finally {
            input.passedOn(polled);
            endBatch();
        }
    }

    /** Counts a batch of a source by its size, and stamps one of many for those who measure how long packets take. */
    private void arrived(int polled) {
        COUNT.setOpaque(batches, polled, batches[polled] + 1);
        if (--batchesToStamp < 0) {
            batchesToStamp = STAMPED_BATCHES - 1;
            for (int i = 0; i < batch.size(); i++) {
                batch.packet(i).receiveNanos(batch.nowNanos());
            }
        }
    }

    private void beginBatch() {
        BOUNDARY.setVolatile(this, boundary + 1); // before what the batch reads: see GracePeriod
    }

    private void endBatch() {
        if (afterBatch != null) {
            afterBatch.run();
        }
        BOUNDARY.setRelease(this, boundary + 1);
    }

    /** Packets that came in by sources so far, not by links or queues; a superframe is one. Any thread may ask. */
    public long received() {
        return batchSizes().sum();
    }

    /** Packets in each batch that a source gave until now, a superframe as one. Any thread may ask. */
    public Histogram batchSizes() {
        Histogram sizes = new Histogram(0, Integer.numberOfTrailingZeros(Batch.CAPACITY));
        for (int size = 1; size < batches.length; size++) {
            sizes.add(size, (long) COUNT.getOpaque(batches, size));
        }
        return sizes;
    }

    /** Sets what runs before each batch, on the worker's thread: taking what the control thread has published. */
    public void beforeBatch(Runnable task) {
        beforeBatch = task;
    }

    /**
     * Sets what runs behind each batch, on the worker's thread, before its end is told: it must not throw. Null for
     * nothing. Called on the worker's thread.
     */
    public void afterBatch(@Nullable Runnable task) {
        afterBatch = task;
    }

    /** The number of batch boundaries that the worker has passed: odd during a batch. Any thread may ask. */
    long boundary() {
        return (long) BOUNDARY.getVolatile(this);
    }

    /** Packets taken so far, a superframe as one; any thread may ask. */
    public long packets() {
        return packets.value();
    }

    /** Whether a source still may have packets: another turn is due without waiting. */
    public boolean hasWork() {
        if (guard != null && guard.isWaiting()) {
            return true;
        }
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).isDue(paused)) {
                return true;
            }
        }
        return false;
    }

    /** Whether no packet is left within the graph. */
    public boolean isDrained() {
        if (guard != null && guard.isWaiting()) {
            return false;
        }
        for (int i = 0; i < inputs.size(); i++) {
            Input input = inputs.get(i);
            if (input.isInner() && input.source().isReady()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Asks to sleep, after a turn. From then on others wake the worker when they hand it packets.
     *
     * @return whether it may sleep; if not, another turn is due
     */
    public boolean prepareToSleep() {
        if (hasWork()) {
            return false;
        }
        doorbell.prepareToSleep();
        boolean mustStay = hasWork() || (pool != null && pool.hasChildren());
        return !mustStay || !doorbell.stayAwake();
    }
}
