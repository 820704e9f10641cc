package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Changes, an end and many beginnings while flows pass in the kernel without a pause. */
@LiveTest
class KernelTierLoadTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int CHANGES = 100;
    private static final int WATCHED = 600;
    private static final int TURNS = 8;

    /** Packets, and milliseconds of the pause behind them, of a load that runs when programs are attached. */
    private static final int BURST = 100;

    private static final int PAUSE = 60;

    @BeforeAll
    static void bpf() {
        Live.requireBpf();
    }

    private static String config(Lab lab) {
        return lab.gatewayConfigB().replace("type: tap", "type: veth") + "fastpath: {kernel: on}\n";
    }

    private static long packets(GatewayProcess gateway) {
        return gateway.json("status").path("kernelTier").path("packets").asLong();
    }

    private static void awaitKernel(GatewayProcess gateway) {
        long before = packets(gateway);
        Await.until(LIMIT, "flows pass in the kernel", () -> packets(gateway) > before + WATCHED, gateway::toString);
    }

    /**
     * One flow, a packet each 100 us, and the socket that it goes to. It pauses until told otherwise: a flow that sends
     * while programs are attached comes into the kernel in a pause.
     */
    private static final class Load implements AutoCloseable {
        private final DatagramChannel to;
        private final DatagramChannel from;
        private final Thread sender;
        private final AtomicLong sent = new AtomicLong();
        private volatile boolean pauses = true;
        private volatile boolean isOver;

        Load(Lab lab) throws Exception {
            to = lab.cB().inside(() -> DatagramChannel.open().bind(new InetSocketAddress(UdpPair.PORT)));
            to.configureBlocking(false);
            from = lab.cA().inside(DatagramChannel::open);
            sender = Thread.ofPlatform().start(this::send);
        }

        private void send() {
            InetSocketAddress there = new InetSocketAddress(Lab.INNER_B, UdpPair.PORT);
            while (!isOver) {
                try {
                    from.send(ByteBuffer.allocate(18), there);
                } catch (IOException e) {
                    isOver = isOver || !from.isOpen(); // no neighbour answers while the gateway is away: again
                }
                boolean isBurst = sent.incrementAndGet() % BURST != 0;
                LockSupport.parkNanos(isBurst || !pauses ? 100_000 : PAUSE * 1_000_000L);
            }
        }

        void pauseNoMore() {
            pauses = false;
        }

        /** Reads all that is there; returns how much. */
        int drain() throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(64);
            int count = 0;
            while (to.receive(buffer.clear()) != null) {
                count++;
            }
            return count;
        }

        /** Returns when this number more were sent. */
        void awaitSent(int more) {
            long enough = sent.get() + more;
            Await.until(LIMIT, more + " more are sent", () -> sent.get() >= enough, () -> "sent " + sent);
        }

        void awaitArrival(GatewayProcess gateway) {
            Await.until(LIMIT, "packets arrive", () -> drainQuietly() > 0, gateway::toString);
        }

        private int drainQuietly() {
            try {
                return drain();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            isOver = true;
            try {
                sender.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            from.close();
            to.close();
        }
    }

    private static void done(GatewayProcess gateway, String... words) {
        GatewayProcess.Answer answer = gateway.command(words);
        assertEquals(0, answer.exit(), answer::toString);
    }

    @Test
    void afterTheAnswerOfEachChangeNoPacketFollowsTheOldDecision() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (var gateway = GatewayProcess.start(lab.hB(), config(lab));
                    Load load = new Load(lab)) {
                awaitKernel(gateway);
                load.pauseNoMore();
                long fast = packets(gateway);
                int late = 0;
                for (int i = 0; i < CHANGES; i++) {
                    done(gateway, "policy", "add", "port", "web", "out", "{name: stop, action: deny, protocol: udp}");
                    load.drain(); // those that arrived before the answer
                    load.awaitSent(20);
                    late += load.drain();
                    done(gateway, "policy", "del", "port", "web", "out", "stop");
                    load.awaitSent(WATCHED);
                    load.awaitArrival(gateway);
                }
                assertEquals(0, late, "packets by an old decision");
                assertTrue(packets(gateway) > fast + CHANGES, "hardly a packet passed in the kernel between changes");
            }
        }
    }

    @Test
    void aGatewayThatIsKilledUnderLoadLeavesNothingAndTheNextTakesOver() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (Load load = new Load(lab);
                    var gateway = GatewayProcess.start(lab.hB(), config(lab))) {
                awaitKernel(gateway);
                gateway.kill();
                load.drain();
                load.awaitSent(WATCHED);
                assertEquals(0, load.drain(), "no program sends packets on");
                try (var again = gateway.startAgain()) {
                    awaitKernel(again);
                    load.awaitArrival(again);
                }
            }
        }
    }

    @Test
    void turningTheTierOnAndOffLeaksNoDescriptor() throws Exception {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            lab.kernelVtepA();
            try (Load _ = new Load(lab);
                    var gateway = GatewayProcess.start(lab.hB(), config(lab))) {
                long first = 0;
                for (int i = 0; i < TURNS; i++) {
                    awaitKernel(gateway);
                    done(gateway, "flow", "off");
                    first = i == 1 ? descriptors(gateway) : first;
                    if (i == TURNS - 1) {
                        assertEquals(first, descriptors(gateway), "descriptors while it is off");
                    }
                    done(gateway, "flow", "on");
                }
            }
        }
    }

    private static long descriptors(GatewayProcess gateway) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + gateway.pid() + "/fd"))) {
            return all.map(KernelTierLoadTest::target)
                    .filter(target -> target.contains("bpf"))
                    .count();
        }
    }

    /** Of a descriptor that has been closed meanwhile, nothing. */
    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
            return "";
        }
    }
}
