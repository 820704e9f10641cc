package dev.peregrine.dataplane.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.ConnectedSocket;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.TapOffload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Allocation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In steady state nothing is allocated per packet, in either direction. */
class EndpointAllocationTest {
    private static final int ROUNDS = 20_000;

    private final PacketPool pool = new PacketPool(128, 128);
    private final DropCounters drops = new DropCounters();
    private final Batch batch = new Batch();
    private long given;

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
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
        try (TapWorld world = new TapWorld(pool, drops, false, offloads)) {
            Packet plain = Frames.packet(pool, world.frame(1)); // From a port that nobody listens at: unreachable, back.
            plain.setShort(36, 9);
            byte[] segment = Frames.udpSegment(TapWorld.OUTSIDE, TapWorld.INSIDE.port(9), new byte[3_500]);
            Packet large = Frames.packet(pool, Frames.partial(TapWorld.OUTSIDE, TapWorld.INSIDE, Frames.UDP, segment));
            large.cut(42, 1_000).checksum(Checksum.PARTIAL);
            Packet ping = Frames.packet(pool, Frames.echo(TapWorld.OUTSIDE, TapWorld.INSIDE, true, 1, new byte[56]));
            long bytes = Allocation.bytes(ROUNDS, () -> {
                accept(world.endpoint, plain);
                accept(world.endpoint, large);
                accept(world.endpoint, ping);
                pollAll(world.endpoint);
            });
            pool.release(plain);
            pool.release(large);
            pool.release(ping);
            assertEquals(0, bytes);
            assertTrue(given > ROUNDS, () -> "only " + given + " frames came out");
            assertEquals(0, drops.total());
        }
    }

    @Test
    void tapEndpointAllocatesNothing() throws LinuxException {
        measureTap(EnumSet.allOf(TapOffload.class));
    }

    @Test
    void tapEndpointWithoutOffloadsAllocatesNothing() throws LinuxException {
        measureTap(Set.of());
    }

    @Test
    void socketEndpointAllocatesNothing(@TempDir Path directory) throws LinuxException {
        Host port = SocketWorld.PORT;
        Host remote = SocketWorld.REMOTE;
        Path path = directory.resolve("app.sock");
        try (Application application = Application.unix(path);
                SocketEndpoint endpoint = new SocketEndpoint(SocketWorld.settings(port, application), pool, drops);
                Arena arena = Arena.ofConfined()) {
            Packet datagram = Frames.packet(pool, Frames.udp(remote, port, new byte[100]));
            Packet ping = Frames.packet(pool, Frames.echo(remote, port, true, 1, new byte[56]));
            Packet arp = Frames.packet(pool, Frames.arp(0xffff_ffff_ffffL, 1, remote, 0, port.address()));
            MemorySegment buffer = arena.allocate(2_000);
            long bytes = Allocation.bytes(ROUNDS, () -> {
                accept(endpoint, datagram);
                accept(endpoint, ping);
                accept(endpoint, arp);
                pollAll(endpoint);
            });
            pool.release(datagram);
            pool.release(ping);
            pool.release(arp);
            assertEquals(0, bytes);
            assertTrue(given > ROUNDS, () -> "only " + given + " frames came out");
        }
    }
}
