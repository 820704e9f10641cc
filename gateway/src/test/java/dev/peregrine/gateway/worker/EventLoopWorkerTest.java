package dev.peregrine.gateway.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.ThreadPriority;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Input;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.gateway.Configured;
import dev.peregrine.gateway.config.model.WorkersConfig.Idle;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class EventLoopWorkerTest {
    private static final int SENT_AT = 1000;

    private final PacketPool pool = new PacketPool(64, 64);
    private final Worker worker = new Worker(0, System::nanoTime);
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();

    @AfterEach
    void noFault() {
        assertEquals(List.of(), faults);
        assertTrue(pool.isFull());
        pool.close();
    }

    /**
     * A source that always has more never keeps another one waiting for more than a turn or two: the turn in which the
     * other's datagram came, and the look at the descriptors after it.
     */
    @ParameterizedTest
    @EnumSource(Idle.class)
    void looksAtAllDescriptorsBetweenTwoTurnsOfASaturatedSource(Idle idle) throws Exception {
        try (EventLoopWorker loop = loop(idle);
                UdpSocket receiver = UdpSocket.open(StandardProtocolFamily.INET);
                UdpSocket sender = UdpSocket.open(StandardProtocolFamily.INET)) {
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            receiver.bind(loopback, 0);
            Saturated saturated = new Saturated(sender, UdpAddress.of(loopback, receiver.localPort()));
            CompletableFuture<Integer> heardAt = new CompletableFuture<>();
            Input flood = worker.add(saturated, Batch::release);
            Input quiet = worker.add(
                    batch -> {
                        heardAt.complete(saturated.polls);
                        return 0;
                    },
                    Batch::release);
            loop.call(() -> {
                loop.watch(receiver.fd(), quiet, () -> {});
                flood.markReady();
                return true;
            });
            loop.takeTurn();
            int polls = heardAt.get(20, TimeUnit.SECONDS) - SENT_AT;
            saturated.ended = true;
            assertTrue(polls <= 2, () -> "heard after " + polls + " polls of the other source");
        }
    }

    @Test
    void asksForTheSliceThatIsConfigured() throws Exception {
        long kernels = ThreadPriority.slice();
        assumeTrue(kernels > 0, "this kernel has no slice for each thread (Linux before 6.12)");
        try (EventLoopWorker loop = loop(Idle.BLOCK, "20")) {
            long asked = loop.call(ThreadPriority::slice);
            assertEquals(TimeUnit.MILLISECONDS.toNanos(20), asked);
        }
    }

    @Test
    void keepsTheSliceOfTheKernelsChoice() throws Exception {
        long kernels = ThreadPriority.slice();
        try (EventLoopWorker loop = loop(Idle.BLOCK, "inherit")) {
            long kept = loop.call(ThreadPriority::slice);
            assertEquals(kernels, kept);
        }
    }

    private EventLoopWorker loop(Idle idle) throws LinuxException {
        return loop(idle, "inherit");
    }

    private EventLoopWorker loop(Idle idle, String sliceMillis) throws LinuxException {
        return new EventLoopWorker(
                worker,
                CpuAffinity.current()[0],
                Configured.workers("idle: " + EnumWord.of(idle) + ", sliceMillis: " + sliceMillis),
                (where, fault) -> faults.add(fault));
    }

    /** Has a packet at every poll, and at one of them sends a datagram, which arrives while it is sent. */
    private final class Saturated implements Source {
        private final UdpSocket sender;
        private final UdpAddress destination;
        private int polls;
        private volatile boolean ended;

        private Saturated(UdpSocket sender, UdpAddress destination) {
            this.sender = sender;
            this.destination = destination;
        }

        @Override
        public int poll(Batch batch) {
            if (ended) {
                return 0;
            }
            polls++;
            if (polls == SENT_AT) {
                send();
            }
            while (!batch.isFull()) {
                batch.add(Objects.requireNonNull(pool.acquire()));
            }
            return batch.size();
        }

        private void send() {
            try (Arena arena = Arena.ofConfined();
                    SendVector vector = new SendVector(1, 1)) {
                vector.begin(0, destination);
                vector.append(0, arena.allocate(1).address(), 1);
                assertEquals(1, vector.send(sender, 0, 1));
            }
        }
    }
}
