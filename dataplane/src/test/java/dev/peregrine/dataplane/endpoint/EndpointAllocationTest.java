package dev.peregrine.dataplane.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.endpoint.device.TapWorld;
import dev.peregrine.dataplane.endpoint.socket.SocketEndpoint;
import dev.peregrine.dataplane.endpoint.socket.SocketSettings;
import dev.peregrine.dataplane.endpoint.socket.SocketWorld;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.ReceiveVector;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** In steady state nothing is allocated per packet, in either direction. */
@Tag("allocation")
class EndpointAllocationTest {
    private static final int ROUNDS = 5_000;
    private static final int ATTEMPTS = 2;

    private final PacketPool pool = new PacketPool(128, 128);
    private final DropCounters drops = new DropCounters();
    private final Batch batch = new Batch();
    private long given;

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
    }

    /** On a busy machine the compiler takes its time, so it is given as many attempts as that may take. */
    private static long leastBytes(Runnable body) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) {
            least = Math.min(least, Allocation.bytes(ROUNDS, body));
        }
        return least;
    }

    /** Copies of a frame, so that making packets allocates nothing either. */
    private void accept(Endpoint endpoint, Packet template) {
        for (int i = 0; i < 4; i++) {
            batch.add(Objects.requireNonNull(pool.copy(template)));
        }
        endpoint.accept(batch);
    }

    private void pollAll(Endpoint endpoint) {
        while (endpoint.poll(batch) > 0) {
            given += batch.size();
            batch.release();
        }
    }

    private void measureTap(Set<TapOffload> offloads) throws LinuxException {
        Host outside = TapWorld.OUTSIDE;
        Host inside = TapWorld.INSIDE.port(7);
        UdpAddress correspondent = UdpAddress.of(outside.address(), outside.port());
        try (TapWorld world = new TapWorld(pool, drops, false, offloads);
                EchoSocket echo = world.inside(() -> new EchoSocket(inside, correspondent))) {
            Packet plain = Packets.frame(pool, Frames.udp(outside, inside, new byte[100]));
            byte[] segment = Frames.udpSegment(outside, inside, new byte[3_500]);
            Packet large = Packets.frame(pool, Frames.partial(outside, inside, Frames.UDP, segment));
            large.cut(42, 1_000).checksum(Checksum.PARTIAL);
            long bytes = leastBytes(() -> {
                accept(world.endpoint, plain);
                accept(world.endpoint, large);
                echo.echo();
                echo.sendSuperframe();
                pollAll(world.endpoint);
            });
            pool.release(plain);
            pool.release(large);
            assertEquals(0, bytes);
            assertTrue(given >= 2L * ROUNDS * 21, () -> "only " + given + " frames came out");
            assertEquals(0, drops.total());
            KernelEcho.assumeAnswered();
            assertTrue(given > ROUNDS, () -> "only " + given + " frames came out");
        }
    }

    @Test
    @Tag("live")
    void tapEndpointAllocatesNothing() throws LinuxException {
        measureTap(EnumSet.allOf(TapOffload.class));
    }

    @Test
    @Tag("live")
    void tapEndpointWithoutOffloadsAllocatesNothing() throws LinuxException {
        measureTap(Set.of());
    }

    @Test
    void socketEndpointAllocatesNothing() throws LinuxException {
        Host port = SocketWorld.PORT;
        Host remote = SocketWorld.REMOTE;
        try (EchoSocket application = new EchoSocket(new Host(0, "127.0.0.1", 0), null);
                SocketEndpoint endpoint = new SocketEndpoint(settings(port, application), pool, drops)) {
            Packet datagram = Packets.frame(pool, Frames.udp(remote, port, new byte[100]));
            Packet ping = Packets.frame(pool, Frames.echo(remote, port, true, 1, new byte[56]));
            Packet arp = Packets.frame(pool, Frames.arp(0xffff_ffff_ffffL, 1, remote, 0, port.address()));
            accept(endpoint, datagram);
            long bytes = leastBytes(() -> {
                accept(endpoint, datagram);
                accept(endpoint, ping);
                accept(endpoint, arp);
                application.echo();
                pollAll(endpoint);
            });
            pool.release(datagram);
            pool.release(ping);
            pool.release(arp);
            assertEquals(0, bytes);
            assertEquals(0, drops.total());
            assertTrue(given >= 2L * ROUNDS * 12, () -> "only " + given + " frames came out");
        }
    }

    @Test
    void socketEndpointAllocatesNothingForFragments() throws LinuxException {
        Host port = SocketWorld.PORT;
        Host remote = SocketWorld.REMOTE;
        try (EchoSocket application = new EchoSocket(new Host(0, "127.0.0.1", 0), null);
                SocketEndpoint endpoint = new SocketEndpoint(settings(port, application), pool, drops)) {
            List<Packet> fragments = Fragments.cut(Frames.udp(remote, port, new byte[2_000]), 1_424, 1).stream()
                    .map(fragment -> Packets.frame(pool, fragment))
                    .toList();
            Packet first = fragments.get(0);
            Packet last = fragments.get(1);
            long bytes = leastBytes(() -> {
                batch.add(Objects.requireNonNull(pool.copy(last)));
                batch.add(Objects.requireNonNull(pool.copy(first)));
                endpoint.accept(batch);
                application.echo();
                pollAll(endpoint);
            });
            fragments.forEach(pool::release);
            assertEquals(0, bytes);
            assertEquals(0, drops.total());
            assertTrue(given >= 2L * ROUNDS, () -> "only " + given + " fragments came out");
        }
    }

    private static SocketSettings settings(Host port, EchoSocket application) throws LinuxException {
        UdpAddress listen = UdpAddress.of(port.address(), port.port());
        return new SocketSettings(port.mac(), listen, application.address(), SocketWorld.MTU);
    }

    /** A UDP application that allocates nothing, but when it first hears somebody. */
    private static final class EchoSocket implements AutoCloseable {
        private static final int MESSAGES = 64;
        private static final int SIZE = 2_048;
        private static final int SEGMENT = 1_000;

        private final InetAddress local;
        private final UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET);
        private final ReceiveVector receive = new ReceiveVector(MESSAGES);
        private final SendVector send = new SendVector(MESSAGES, 1);
        private final Arena arena = Arena.ofShared();
        private final long buffers = arena.allocate(MESSAGES * SIZE).address();
        private @Nullable UdpAddress correspondent;

        /** @param correspondent whom to answer; null for who is heard first */
        EchoSocket(Host local, @Nullable UdpAddress correspondent) throws LinuxException {
            this.local = local.address();
            this.correspondent = correspondent;
            socket.bind(local.address(), local.port());
            for (int i = 0; i < MESSAGES; i++) {
                receive.buffer(i, buffers + (long) i * SIZE, SIZE);
            }
        }

        DatagramAddress address() throws LinuxException {
            return DatagramAddress.udp(UdpAddress.of(local, socket.localPort()));
        }

        /** Sends back what waits. */
        void echo() {
            int count = receive.receive(socket, 0, MESSAGES);
            if (correspondent == null && count > 0) {
                correspondent = UdpAddress.of(local, receive.sourcePort(0));
            }
            for (int i = 0; i < count; i++) {
                send.begin(i, Objects.requireNonNull(correspondent));
                send.append(i, buffers + (long) i * SIZE, receive.length(i));
            }
            if (count > 0) {
                send.send(socket, 0, count);
            }
        }

        /** Sends four segments in one. */
        void sendSuperframe() {
            send.begin(0, Objects.requireNonNull(correspondent));
            send.append(0, buffers, 4 * SEGMENT);
            send.control(0, -1, -1, SEGMENT);
            send.send(socket, 0, 1);
        }

        @Override
        public void close() {
            socket.close();
            receive.close();
            send.close();
            arena.close();
        }
    }
}
