package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Application;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Fragments;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies that go in fragments. */
class SocketEndpointFragmentsTest extends SocketEndpointFragmentsFixture {
    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsLongRepliesInFragments(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        accept(endpoint, Frames.udp(remote(ipv6), port(ipv6), text("hello")));
        receive(application);
        for (int length : new int[] {SocketWorld.MTU - 27, 2_000, 2 * SIZE - 8, 2 * SIZE - 7, 60_000, 65_507}) {
            byte[] payload = bytes(length);
            application.send(payload);
            List<byte[]> fragments = pollUntilLast(endpoint);
            assertTrue(fragments.size() > 1);
            assertTrue(fragments.stream().allMatch(fragment -> fragment.length <= SocketWorld.MTU + 14));
            byte[] frame = Fragments.join(fragments);
            assertTrue(Frames.hasValidChecksums(frame), () -> "length " + length);
            assertEquals(remote(ipv6).mac(), Frames.mac(frame, 0));
            assertArrayEquals(payload, Frames.udpPayload(frame));
        }
        assertEquals(0, drops.total());
    }

    @Test
    void repliesThatJustFitAreSentWhole() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        application.send(bytes(SocketWorld.MTU - 28));
        byte[] frame = pollOne(endpoint);
        assertEquals(SocketWorld.MTU + 14, frame.length);
        assertEquals(0x4000, Frames.getShort(frame, 20), "don't fragment");
    }

    /** 1,366 fragments: more than a batch, and than the pool has buffers. */
    @Test
    void sendsFragmentsInAsManyBatchesAsItTakes() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        endpoint.mtu(68);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        application.send(bytes(65_507));
        application.send(text("and then"));
        List<byte[]> frames = pollUntilLast(endpoint);
        byte[] after = frames.size() == 1_366 ? frames.removeLast() : pollOne(endpoint);
        assertEquals(1_365, frames.size());
        assertArrayEquals(bytes(65_507), Frames.udpPayload(Fragments.join(frames)));
        assertArrayEquals(text("and then"), Frames.udpPayload(after));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void numbersFragmentedRepliesAnew(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        accept(endpoint, Frames.udp(remote(ipv6), port(ipv6), text("hello")));
        receive(application);
        int last = 0;
        for (int i = 0; i < 3; i++) {
            application.send(bytes(2_000));
            int id = Fragments.id(pollUntilLast(endpoint).getFirst());
            assertTrue(i == 0 || id != last);
            if (ipv6) {
                assertNotEquals(last + 1, id);
            }
            last = id;
        }
    }

    @Test
    void dropsRepliesThatUdpCannotCarry() throws LinuxException {
        Path path = directory.resolve("app.sock");
        try (Application unix = Application.unix(path)) {
            SocketEndpoint endpoint = endpoint(new SocketSettings(
                    PORT.mac(),
                    UdpAddress.of(PORT.address(), PORT.port()),
                    DatagramAddress.unix(path),
                    SocketWorld.MTU));
            poll(endpoint);
            accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
            receive(unix);
            unix.send(new byte[65_508]);
            unix.send(bytes(65_507));
            assertArrayEquals(bytes(65_507), Frames.udpPayload(Fragments.join(pollUntilLast(endpoint))));
            assertOnlyDrop(DropReason.SOCKET_TOO_LONG, 1);
        }
    }

    @Test
    void forgetsFragmentsThatAreNotSentAtTheEnd() throws LinuxException {
        SocketEndpoint endpoint = new SocketEndpoint(SocketWorld.settings(PORT, application), pool, drops);
        endpoint.mtu(68);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        application.send(bytes(65_507));
        List<byte[]> sent = new ArrayList<>();
        EndpointContract.await("fragments", () -> sent.addAll(poll(endpoint)) && endpoint.isReady());
        sent.removeIf(frame -> Frames.etherType(frame) == 0x0806); // its announcement
        assertFalse(pool.isFull());
        endpoint.close();
        assertOnlyDrop(DropReason.PORT_DOWN, 1_365 - sent.size());
    }

    /** The application answers one remote without end, with more fragments than a batch holds. */
    @Test
    void longRepliesToOneRemoteHoldUpNoOther() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        endpoint.mtu(68);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("more")));
        receive(application);
        application.send(bytes(5_000));
        accept(endpoint, Frames.udp(REMOTE.port(9_002), PORT, text("hello")));
        receive(application);
        application.send(text("short"));
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            accept(endpoint, Frames.udp(REMOTE, PORT, text("more")));
            receive(application);
            application.send(bytes(5_000));
            frames.addAll(poll(endpoint));
        }
        assertTrue(frames.stream().anyMatch(frame -> frame.length == 14 + 28 + 5), frames.size() + " frames");
    }

    /** An endpoint's own replies are datagrams that an endpoint puts together. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void understandsItsOwnFragments(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        try (Application other = Application.udp(0)) {
            SocketEndpoint peer = endpoint(SocketWorld.settings(remote(ipv6), other));
            accept(endpoint, Frames.udp(remote(ipv6), port(ipv6), text("hello")));
            receive(application);
            application.send(bytes(40_000));
            acceptAll(peer, pollUntilLast(endpoint));
            assertArrayEquals(bytes(40_000), receive(other));
            assertEquals(0, drops.total());
        }
    }
}
