package dev.peregrine.gateway.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.schedule.Input;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.gateway.Configured;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.PolledUnderlay;
import dev.peregrine.vxlan.underlay.Poller;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import dev.peregrine.vxlan.underlay.VtepCounters;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker and an underlay whose descriptor is always readable. */
class UnderlayPollingTest {
    private static final long DEADLINE_NANOS = 10_000_000_000L;

    private final BrokenUnderlay underlay = new BrokenUnderlay();
    private final Worker worker = new Worker(0, System::nanoTime);
    private final Input input = worker.add(underlay, Batch::release);
    private final EventLoopWorker loop =
            new EventLoopWorker(worker, 0, Configured.workers("idle: block, sliceMillis: inherit"), (where, fault) -> {
                throw new AssertionError(where, fault);
            });
    private final UnderlayPolling watch = new UnderlayPolling(loop, underlay, input);

    /** Cannot receive, and gives up after a few polls. */
    private static final class BrokenUnderlay implements PolledUnderlay {
        private final FileDescriptor readable = Native.newEventFd();
        private volatile boolean broken;
        private final AtomicInteger polls = new AtomicInteger();

        BrokenUnderlay() {
            Native.eventFdWrite(readable.intValue(), 1);
        }

        @Override
        public int sourcePort(int flowHash, RemoteVtep vtep) {
            return 0;
        }

        @Override
        public int poll(Batch batch) {
            broken = polls.incrementAndGet() % 5 == 0;
            return 0;
        }

        @Override
        public int fd() {
            return readable.intValue();
        }

        @Override
        public void register(Poller poller) {}

        @Override
        public void startReceiving(Poller poller) throws IOException {
            poller.watch(fd());
        }

        @Override
        public void stopReceiving() {}

        @Override
        public boolean isBroken() {
            return broken;
        }

        @Override
        public void receiveAgain() {
            broken = false;
        }

        @Override
        public @Nullable ReceiveFailure receiveFailure() {
            return null;
        }

        @Override
        public String mode() {
            return "native";
        }

        @Override
        public List<Offload> offloads() {
            return List.of();
        }

        @Override
        public int sendBufferBytes() {
            return 0;
        }

        @Override
        public int sendBufferWantedBytes() {
            return 0;
        }

        @Override
        public void tick() {}

        @Override
        public VtepCounters vtepCounters() {
            throw new AssertionError("not asked");
        }

        @Override
        public int receiveBufferBytes() {
            return 0;
        }

        @Override
        public int sourcePorts() {
            return 0;
        }

        @Override
        public void countLosses() {}

        @Override
        public void accept(Batch batch) {
            batch.release();
        }

        @Override
        public void close() {
            try {
                readable.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private void onWorker(Step step) throws Exception {
        loop.call(() -> {
            step.run();
            return true;
        });
    }

    @BeforeEach
    void begin() throws Exception {
        onWorker(watch::begin);
    }

    @AfterEach
    void end() throws Exception {
        onWorker(watch::end);
        loop.close();
        underlay.close();
    }

    private void awaitPolls(int count) throws Exception {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (underlay.polls.get() < count) {
            assertTrue(System.nanoTime() < deadline, "only " + underlay.polls + " polls");
            onWorker(() -> {});
        }
    }

    /** Each task makes the loop look at its descriptors. */
    private void letTheLoopTurn() throws Exception {
        for (int i = 0; i < 100; i++) {
            onWorker(() -> {});
        }
    }

    @Test
    void leavesABrokenUnderlayAloneUntilItIsToTryAgain() throws Exception {
        awaitPolls(5);
        letTheLoopTurn();
        assertEquals(5, underlay.polls.get());
        onWorker(watch::again);
        awaitPolls(10);
        letTheLoopTurn();
        assertEquals(10, underlay.polls.get());
    }

    @Test
    void doesNotTryAgainAfterItsEnd() throws Exception {
        awaitPolls(5);
        onWorker(watch::end);
        onWorker(watch::again);
        letTheLoopTurn();
        assertEquals(5, underlay.polls.get());
    }
}
