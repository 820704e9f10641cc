package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table under threads that race as workers do. */
class FlowStatesConcurrencyTest {
    private static final int NETWORK = 14;
    private static final int TRANSPORT = 34;
    private static final long TICK = 1L << StateWord.TICK_BITS;

    private final Seed seed = Seed.ofThisRun();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();

    @FunctionalInterface
    private interface Body {
        void run(Worker worker) throws Exception;
    }

    /** The part of one worker. */
    private static final class Worker implements AutoCloseable {
        private final PacketPool pool = new PacketPool(1, 1);
        private final Packet packet = Packets.frame(pool, FrameBuilder.udp4().build());
        private final FlowTracker tracker;
        private final SplittableRandom random;
        private long now;

        Worker(FlowStates states, SplittableRandom random) {
            tracker = states.tracker(true, states.tally());
            this.random = random;
        }

        FlowState follow(int segment, int flow, boolean there) {
            int client = 0x0a00_0000 | flow >>> 8;
            int server = 0xc613_0002;
            packet.segment(segment);
            packet.setInt(NETWORK + 12, there ? client : server);
            packet.setInt(NETWORK + 16, there ? server : client);
            int port = 1024 + (flow & 0xff);
            packet.setInt(TRANSPORT, there ? port << 16 | 80 : 80 << 16 | port);
            return tracker.follow(packet, 0, now);
        }

        boolean open() {
            return tracker.open(packet);
        }

        @Override
        public void close() {
            pool.release(packet);
            pool.close();
        }
    }

    private void start(FlowStates states, SplittableRandom random, Body body) {
        SplittableRandom own = random.split();
        threads.add(Thread.ofPlatform().start(() -> {
            try (Worker worker = new Worker(states, own)) {
                body.run(worker);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }));
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable cause = failure.get();
        if (cause != null) {
            throw new AssertionError(seed.toString(), cause);
        }
        assertNull(cause);
    }

    @Tag("slow")
    @Test
    void repliesOnAnotherWorkerFindTheirFlowWhileOthersFlood() throws Exception {
        int flows = 60_000;
        FlowStates states = new FlowStates(flows, FlowTimeouts.DEFAULT, false);
        AtomicInteger opened = new AtomicInteger();
        AtomicInteger replied = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        SplittableRandom random = seed.random();
        start(states, random, worker -> {
            for (int i = 0; i < flows && failure.get() == null; i++) {
                while (i - replied.get() > 32 && failure.get() == null) {
                    Thread.onSpinWait(); // a segment that opens much more at a time than others is not safe from them
                }
                assertEquals(FlowState.NEW, worker.follow(1, i, true));
                assertEquals(true, worker.open());
                opened.set(i + 1);
            }
        });
        start(states, random, worker -> {
            for (int i = 0; i < flows && failure.get() == null; i++) {
                while (opened.get() <= i && failure.get() == null) {
                    Thread.onSpinWait();
                }
                assertEquals(FlowState.ESTABLISHED, worker.follow(1, i, false), "reply " + i);
                replied.set(i + 1);
            }
            for (int i = 0; i < flows; i++) {
                assertEquals(FlowState.ESTABLISHED, worker.follow(1, i, true), "established " + i);
            }
            done.set(true);
        });
        start(states, random, worker -> {
            while (!done.get() && failure.get() == null) {
                if (worker.follow(2, worker.random.nextInt(1 << 20), true) == FlowState.NEW) {
                    worker.open();
                }
            }
        });
        join();
    }

    @Test
    void aFlowThatTwoWorkersOpenAtOnceHasOneEntry() throws Exception {
        int flows = 20_000;
        FlowStates states = new FlowStates(4 * flows, FlowTimeouts.DEFAULT, false);
        CyclicBarrier barrier = new CyclicBarrier(2);
        SplittableRandom random = seed.random();
        for (boolean there : new boolean[] {true, false}) {
            start(states, random, worker -> {
                barrier.await();
                for (int i = 0; i < flows; i++) {
                    if (worker.follow(1, i, there) == FlowState.NEW) {
                        assertEquals(true, worker.open());
                    }
                }
            });
        }
        join();
        int[] entries = new int[1];
        states.flows().forEach(flow -> entries[0]++, 0);
        assertEquals(flows, entries[0], seed.toString());
    }

    /** A table of 16 places, so that every slot changes hands all the time, also between look and write. */
    @Test
    void noFlowIsTakenForAnotherWhilePlacesChangeHands() throws Exception {
        FlowStates states = new FlowStates(4, FlowTimeouts.DEFAULT, false);
        SplittableRandom random = seed.random();
        for (int i = 0; i < 4; i++) {
            int lane = i;
            start(states, random, worker -> {
                for (int k = 0; k < Seed.rounds(400_000) && failure.get() == null; k++) {
                    worker.now += worker.random.nextInt(100) == 0 ? 3 * TICK : 0;
                    int flow = worker.random.nextInt(64) * 8 + lane; // of this lane alone, and never replied to
                    FlowState state = worker.follow(1, flow, true);
                    if (state == FlowState.NEW) {
                        worker.open();
                    }
                    FlowState stranger = worker.follow(1, flow + 4, false);
                    assertEquals(FlowState.NEW, stranger, "a flow that nobody opened");
                }
            });
        }
        start(states, random, worker -> {
            for (int k = 0; k < Seed.rounds(100_000) && failure.get() == null; k++) {
                states.flows().forEach(flow -> assertEquals("unreplied", flow.state(), "a reply that nobody sent"), 0);
            }
        });
        start(states, random, worker -> {
            for (int k = 0; k < Seed.rounds(100_000); k++) {
                int flushed = worker.random.nextInt(3);
                states.flows().flush(flow -> flow.segment() == flushed, worker.now);
            }
        });
        join();
    }
}
