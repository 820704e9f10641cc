package dev.peregrine.gateway.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.gateway.Configured;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RestingDescriptorsTest {
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Turns without a buffer before descriptors rest, in each millisecond. */
    private static final int TURNS = 32;

    private final Worker worker = new Worker(0, System::nanoTime);
    private final AtomicInteger polls = new AtomicInteger();
    private final CountDownLatch triedAgain = new CountDownLatch(20 * TURNS);
    private final CountDownLatch served = new CountDownLatch(1);

    /** Gives one packet as soon as there is a buffer for it. */
    private Source source(PacketPool pool) {
        return batch -> {
            polls.incrementAndGet();
            triedAgain.countDown();
            Packet packet = served.getCount() == 0 ? null : pool.acquire();
            if (packet == null) {
                return 0;
            }
            batch.add(packet);
            return 1;
        };
    }

    private void take(Batch batch) {
        batch.release();
        served.countDown();
    }

    @Test
    void aDescriptorForWhichThereIsNoBufferRestsUntilThereIsOne() throws Exception {
        try (PacketPool pool = new PacketPool(4, 4);
                UdpSocket socket = readableSocket();
                EventLoopWorker loop = new EventLoopWorker(
                        worker,
                        CpuAffinity.current()[0],
                        Configured.workers("idle: block, sliceMillis: inherit"),
                        (where, fault) -> {
                            throw new AssertionError(where, fault);
                        })) {
            lookAfter(pool);
            List<Packet> held = loop.call(() -> holdAll(pool));
            long begin = System.nanoTime();
            loop.call(() -> loop.watch(socket.fd(), worker.add(source(pool), this::take), () -> {}));
            assertTrue(triedAgain.await(30, TimeUnit.SECONDS), "rests for ever");
            int tries = polls.get();
            long millis = (System.nanoTime() - begin) / NANOS_PER_MILLI;
            assertTrue(tries <= 2 * TURNS * (millis + 2), tries + " polls in " + millis + " ms: spins");
            assertTrue(pool.shortages() >= 20 * TURNS, "counted");

            loop.call(() -> {
                held.forEach(pool::release);
                return true;
            });
            assertTrue(served.await(30, TimeUnit.SECONDS), "is not heard any more");
            assertEquals(4, loop.call(pool::available));
        }
    }

    private void lookAfter(PacketPool pool) {
        WorkerGroup group = new WorkerGroup(List.of(worker), 64);
        Topology.WorkerScope scope = new Topology.WorkerScope(0, pool, new DropCounters());
        new Assembler(group, scope, Map.of(), (stage, fault) -> {})
                .prepare(new Topology(), Instruments.NONE)
                .take();
    }

    private static List<Packet> holdAll(PacketPool pool) {
        List<Packet> held = new ArrayList<>();
        for (Packet packet = pool.acquire(); packet != null; packet = pool.acquire()) {
            held.add(packet);
        }
        return held;
    }

    /** A socket in which one datagram waits for ever. */
    private static UdpSocket readableSocket() throws Exception {
        UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET);
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        socket.bind(loopback, 0);
        try (DatagramSocket sender = new DatagramSocket()) {
            sender.send(new DatagramPacket(new byte[1], 1, loopback, socket.localPort()));
        }
        return socket;
    }
}
