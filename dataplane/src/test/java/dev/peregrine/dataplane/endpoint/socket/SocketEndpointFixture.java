package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Application;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * The common part of tests of socket endpoints: the pool and counters that endpoints are made with, and a UDP
 * application behind them. Closes all of it after each test, and sees that the pool has every packet back.
 */
abstract class SocketEndpointFixture {
    static final Host REMOTE = SocketWorld.REMOTE;
    static final Host PORT = SocketWorld.PORT;
    static final Host REMOTE6 = new Host(REMOTE.mac(), "fd00:19::1", 9_001);
    static final Host PORT6 = new Host(PORT.mac(), "fd00:19::9", 9_000);

    final PacketPool pool = new PacketPool(160, 160);
    final DropCounters drops = new DropCounters();
    final Application application = Application.udp(0);
    private final List<SocketEndpoint> endpoints = new ArrayList<>();

    @AfterEach
    void returnsEverything() {
        endpoints.forEach(SocketEndpoint::close);
        application.close();
        assertTrue(pool.isFull());
        pool.close();
    }

    SocketEndpoint endpoint(SocketSettings settings) throws LinuxException {
        SocketEndpoint endpoint = new SocketEndpoint(settings, pool, drops);
        endpoints.add(endpoint);
        return endpoint;
    }

    /** One whose announcement has been polled. */
    SocketEndpoint endpoint(Host port) throws LinuxException {
        SocketEndpoint endpoint = endpoint(SocketWorld.settings(port, application));
        poll(endpoint);
        return endpoint;
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void accept(SocketEndpoint endpoint, byte[]... frames) {
        Batch batch = Frames.batch(pool, frames);
        endpoint.accept(batch);
        assertTrue(batch.isEmpty());
    }

    /** The frames that wait now. */
    List<byte[]> poll(SocketEndpoint endpoint) {
        List<byte[]> frames = new ArrayList<>();
        Batch batch = new Batch();
        endpoint.poll(batch);
        for (int i = 0; i < batch.size(); i++) {
            assertNotEquals(0, batch.packet(i).flowHash());
            frames.add(Packets.bytes(batch.packet(i)));
        }
        batch.release();
        return frames;
    }

    /** Waits for frames, of which there must be one. */
    byte[] pollOne(SocketEndpoint endpoint) {
        List<byte[]> frames = new ArrayList<>();
        EndpointContract.await("a frame", () -> {
            frames.addAll(poll(endpoint));
            return !frames.isEmpty();
        });
        assertEquals(1, frames.size());
        return frames.getFirst();
    }

    /** Waits for the next datagram at an application. */
    static byte[] receive(Application from) {
        List<byte[]> received = new ArrayList<>();
        EndpointContract.await("a datagram", () -> {
            byte[] datagram = from.receive();
            if (datagram != null) {
                received.add(datagram);
            }
            return datagram != null;
        });
        return received.getFirst();
    }

    /** Asserts how many packets were dropped for this reason, and that none were for another. */
    void assertOnlyDrop(DropReason reason, long count) {
        assertEquals(count, drops.count(reason), reason::name);
        assertEquals(count, drops.total());
    }
}
