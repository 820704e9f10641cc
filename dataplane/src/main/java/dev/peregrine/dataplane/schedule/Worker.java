package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * One unit of scheduling: polls its sources and pushes what they give through its graph. A plain object without a
 * thread: an event loop runs it in production, a simulation in tests. Everything it reaches belongs to it alone.
 */
public final class Worker {
    /** The most packets that one source gives in a turn, so that none starves the others. */
    public static final int SOURCE_BUDGET = 256;

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
    private int turn;

    /** Odd while a batch is under way. */
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

    /** A source and the beginning of the graph behind it. Polled only while it is marked ready. */
    public static final class Input {
        private final Source source;
        private final Sink sink;
        private boolean ready;

        private Input(Source source, Sink sink) {
            this.source = source;
            this.sink = sink;
        }

        /** Notes that the source may have packets; it is polled in the next turns until it gives none. */
        public void markReady() {
            ready = true;
        }
    }

    /** Number of the worker, from 0. */
    public int id() {
        return id;
    }

    /** Adds a source and what its packets enter. */
    public Input add(Source source, Sink sink) {
        Input input = new Input(source, sink);
        inputs.add(input);
        return input;
    }

    /**
     * Takes one turn: polls the sources that are ready, at most {@link #SOURCE_BUDGET} packets each. The next turn
     * begins with the source that comes after the last one polled, so that a small budget starves none.
     *
     * @param budget about how many packets to take in all
     * @return the number of packets taken
     */
    public int run(int budget) {
        int done = 0;
        for (int i = 0; i < inputs.size() && done < budget; i++) {
            Input input = inputs.get(turn);
            turn = turn + 1 == inputs.size() ? 0 : turn + 1;
            if (input.ready || input.source.isReady()) {
                done += drain(input, Math.min(SOURCE_BUDGET, budget - done));
            }
        }
        if (done > 0) {
            packets.add(done);
        }
        return done;
    }

    private int drain(Input input, int budget) {
        int done = 0;
        while (done < budget) {
            int polled = input.source.poll(batch);
            if (polled == 0) {
                input.ready = false;
                break;
            }
            done += polled;
            BOUNDARY.setVolatile(this, boundary + 1); // before what the batch reads: see GracePeriod
            beforeBatch.run();
            batch.nowNanos(clock.getAsLong());
            input.sink.accept(batch);
            BOUNDARY.setRelease(this, boundary + 1);
        }
        return done;
    }

    /** Sets what runs before each batch, on the worker's thread: taking what the control thread has published. */
    public void beforeBatch(Runnable task) {
        beforeBatch = task;
    }

    /** How many boundaries of batches the worker has passed: odd while a batch is under way. Any thread may ask. */
    long boundary() {
        return (long) BOUNDARY.getVolatile(this);
    }

    /** Packets taken so far, a superframe as one; any thread may ask. */
    public long packets() {
        return packets.value();
    }

    /** Whether a source still may have packets: another turn is due without waiting. */
    public boolean hasWork() {
        for (int i = 0; i < inputs.size(); i++) {
            Input input = inputs.get(i);
            if (input.ready || input.source.isReady()) {
                return true;
            }
        }
        return false;
    }
}
