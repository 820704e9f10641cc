package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Application;
import dev.peregrine.dataplane.endpoint.EndpointContract;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams between a socket endpoint's remotes and its application, which comes and goes. */
@SuppressWarnings("NullAway.Init") // directory is injected
class SocketEndpointDatagramsTest extends SocketEndpointFixture {
    @TempDir
    private Path directory;

    @Test
    void deliversPayloadAndSendsTheReplyBack() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("question")));
        assertArrayEquals(text("question"), receive(application));
        application.send(text("answer"));
        byte[] expected = Frames.udp(PORT, REMOTE, text("answer"));
        byte[] reply = pollOne(endpoint);
        assertArrayEquals(expected, reply);
        assertOnlyDrop(DropReason.INNER_CHECKSUM, 0);
    }

    @Test
    void deliversPayloadAndSendsTheReplyBackOverIpv6() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        accept(endpoint, Frames.udp(REMOTE6, PORT6, text("question")));
        assertArrayEquals(text("question"), receive(application));
        application.send(text("answer"));
        assertArrayEquals(Frames.udp(PORT6, REMOTE6, text("answer")), pollOne(endpoint));
    }

    @Test
    void exchangesEmptyDatagrams() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Arrays.copyOf(Frames.udp(REMOTE, PORT, new byte[0]), 60));
        assertEquals(0, receive(application).length);
        application.send(new byte[0]);
        assertArrayEquals(Frames.udp(PORT, REMOTE, new byte[0]), pollOne(endpoint));
    }

    @Test
    void numbersRepliesAndHasChecksummedThem() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        application.send(text("one"));
        application.send(text("two"));
        Batch batch = new Batch();
        EndpointContract.await("two replies", () -> {
            endpoint.poll(batch);
            return batch.size() == 2;
        });
        assertEquals(1, batch.packet(1).getShort(18) - batch.packet(0).getShort(18), "identification");
        assertEquals(Checksum.VERIFIED, batch.packet(1).checksum());
        assertTrue(Frames.hasValidChecksums(Packets.bytes(batch.packet(1))));
        batch.release();
    }

    @Test
    void tellsRemotesApart() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        Host other = new Host(0x0200_0000_0003L, "198.19.0.3", REMOTE.port());
        accept(endpoint, Frames.udp(REMOTE, PORT, text("from 1")));
        receive(application);
        String first = application.sender();
        accept(endpoint, Frames.udp(other, PORT, text("from 3")));
        receive(application);
        assertNotEquals(first, application.sender());
        application.send(text("to 3"));
        assertArrayEquals(Frames.udp(PORT, other, text("to 3")), pollOne(endpoint));
        accept(endpoint, Frames.udp(REMOTE, PORT, text("again")));
        receive(application);
        assertEquals(first, application.sender());
        assertEquals(2, endpoint.remotes());
    }

    @Test
    void repliesToTheMacThatTheLastDatagramCameFrom() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("a")));
        receive(application);
        Host moved = new Host(0x0200_0000_00ffL, "198.19.0.1", REMOTE.port());
        accept(endpoint, Frames.udp(moved, PORT, text("b")));
        receive(application);
        application.send(text("c"));
        assertEquals(moved.mac(), Frames.mac(pollOne(endpoint), 0));
    }

    @Test
    void deliversTheDatagramsOfASuperframe() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] payload = text("aaaabbbbccccdd");
        Packet packet =
                Packets.frame(pool, Frames.partial(REMOTE, PORT, Frames.UDP, Frames.udpSegment(REMOTE, PORT, payload)));
        Batch batch = new Batch();
        batch.add(packet.cut(42, 4).checksum(Checksum.PARTIAL));
        endpoint.accept(batch);
        for (String expected : List.of("aaaa", "bbbb", "cccc", "dd")) {
            assertArrayEquals(text(expected), receive(application));
        }
        assertEquals(0, drops.total());
    }

    @Test
    void ignoresPaddingBehindTheDatagram() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Arrays.copyOf(Frames.udp(REMOTE, PORT, text("x")), 60));
        assertArrayEquals(text("x"), receive(application));
    }

    @Test
    void acceptsChecksumZeroOverIpv4Only() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] frame = Frames.udp(REMOTE, PORT, text("unchecked"));
        Frames.putShort(frame, 40, 0);
        accept(endpoint, frame);
        assertArrayEquals(text("unchecked"), receive(application));
        byte[] frame6 = Frames.udp(REMOTE6, PORT6, text("unchecked"));
        Frames.putShort(frame6, 60, 0);
        accept(endpoint(PORT6), frame6);
        assertOnlyDrop(DropReason.INNER_CHECKSUM, 1);
    }

    @Test
    void trustsPartialChecksum() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] segment = Frames.udpSegment(REMOTE, PORT, text("partial"));
        Batch batch = Frames.batch(pool, Frames.partial(REMOTE, PORT, Frames.UDP, segment));
        batch.packet(0).checksum(Checksum.PARTIAL);
        endpoint.accept(batch);
        assertArrayEquals(text("partial"), receive(application));
    }

    @Test
    void dropsWrongChecksums() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] transport = Frames.udp(REMOTE, PORT, text("wrong"));
        transport[45]++;
        accept(endpoint, transport);
        assertOnlyDrop(DropReason.INNER_CHECKSUM, 1);
        byte[] header = Frames.udp(REMOTE, PORT, text("wrong"));
        header[24]++;
        accept(endpoint, header);
        assertEquals(1, drops.count(DropReason.INNER_HEADER_INVALID));
        assertNull(application.receive());
    }

    @Test
    void leavesAloneWhatIsForOthers() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        Host otherAddress = new Host(PORT.mac(), "198.19.0.10", PORT.port());
        Host otherMac = new Host(0x0200_0000_000aL, "198.19.0.9", PORT.port());
        accept(
                endpoint,
                Frames.udp(REMOTE, PORT.port(9_999), text("port")),
                Frames.udp(REMOTE, otherAddress, text("address")),
                Frames.udp(REMOTE, otherMac, text("mac")),
                Frames.udp(REMOTE6, PORT6, text("family")),
                Frames.ip(REMOTE, PORT, Frames.TCP, Frames.tcpSegment(REMOTE, PORT, 1, 0, 2, new byte[0])));
        assertOnlyDrop(DropReason.SOCKET_NOT_OURS, 5);
    }

    // ---- the application's comings and goings ------------------------------------------------------------------

    @Test
    void countsDatagramsThatNobodyReceives() throws LinuxException {
        KernelEcho.assumeAnswered();
        SocketEndpoint endpoint = endpoint(PORT);
        int port = portOf(application);
        application.close();
        for (int i = 0; i < 3; i++) {
            accept(endpoint, Frames.udp(REMOTE, PORT, text("lost " + i)));
        }
        EndpointContract.await("the last refusal", () -> {
            poll(endpoint);
            return drops.count(DropReason.SOCKET_UNREACHABLE) == 3;
        });
        try (Application again = Application.udp(port)) {
            accept(endpoint, Frames.udp(REMOTE, PORT, text("welcome back")));
            assertArrayEquals(text("welcome back"), receive(again));
            assertTrue(endpoint.isRefused());
            again.send(text("it is good to be back"));
            pollOne(endpoint);
            assertFalse(endpoint.isRefused());
        }
        assertOnlyDrop(DropReason.SOCKET_UNREACHABLE, 3);
        assertEquals(Errno.ECONNREFUSED, endpoint.lastErrno());
    }

    private static int portOf(Application application) {
        String address = application.address().toString();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Test
    void followsAUnixApplicationThatComesLateAndStartsAnew() throws LinuxException {
        Path path = directory.resolve("app.sock");
        SocketEndpoint endpoint = endpoint(unixSettings(path, 8));
        poll(endpoint);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("too early")));
        assertOnlyDrop(DropReason.SOCKET_UNREACHABLE, 1);
        assertEquals(0, endpoint.remotes());
        for (int life = 0; life < 2; life++) {
            try (Application living = Application.unix(path)) {
                accept(endpoint, Frames.udp(REMOTE, PORT, text("hello " + life)));
                assertArrayEquals(text("hello " + life), receive(living));
                living.send(text("hi"));
                assertArrayEquals(text("hi"), Frames.udpPayload(pollOne(endpoint)));
            }
        }
        assertOnlyDrop(DropReason.SOCKET_UNREACHABLE, 1);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("too late")));
        assertOnlyDrop(DropReason.SOCKET_UNREACHABLE, 2);
        assertEquals(0, endpoint.remotes());
    }

    private static SocketSettings unixSettings(Path path, int maxRemotes) {
        return new SocketSettings(
                PORT.mac(),
                UdpAddress.of(PORT.address(), PORT.port()),
                DatagramAddress.unix(path),
                SocketWorld.MTU,
                maxRemotes,
                60,
                null);
    }

    /** Abstract names belong to a network namespace, paths do not. */
    @Test
    void receivesRepliesAtAPathForEachRemote() throws IOException {
        Path path = directory.resolve("app.sock");
        Path own = directory.resolve("app.sock.app.0");
        SocketSettings settings = unixSettings(path, 2).withReplies(new NumberedPaths(own));
        try (SocketEndpoint endpoint = new SocketEndpoint(settings, pool, drops)) {
            poll(endpoint);
            for (int life = 0; life < 2; life++) {
                try (Application living = Application.unix(path)) {
                    for (int port : new int[] {1, 2, 3, 1}) {
                        accept(endpoint, Frames.udp(REMOTE.port(port), PORT, text("from " + port)));
                        receive(living);
                        assertTrue(living.sender().startsWith(own.toString().substring(1)), living::sender);
                        living.send(text("hi"));
                        byte[] reply = pollOne(endpoint);
                        assertArrayEquals(text("hi"), Frames.udpPayload(reply));
                        assertEquals(port, Frames.getShort(reply, 36), "destination port");
                    }
                    assertEquals(List.of("app.sock", "app.sock.app.0.0000", "app.sock.app.0.0001"), files());
                }
            }
            assertEquals(
                    "rw-rw-rw-",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(directory.resolve("app.sock.app.0.0000"))));
        }
        assertEquals(List.of(), files());
        assertEquals(0, drops.total());
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void takesAnAbstractNameWhereItsPathCannotBeHad() throws IOException {
        Path path = directory.resolve("app.sock");
        NumberedPaths paths = new NumberedPaths(directory.resolve("missing/replies"));
        SocketEndpoint endpoint = endpoint(unixSettings(path, 2).withReplies(paths));
        poll(endpoint);
        try (Application living = Application.unix(path)) {
            assertEquals(0, paths.lastErrno());
            accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
            receive(living);
            assertEquals(Errno.ENOENT, paths.lastErrno());
            living.send(text("hi"));
            assertArrayEquals(Frames.udp(PORT, REMOTE, text("hi")), pollOne(endpoint));
        }
    }

    @Test
    void countsWhatAFullApplicationDoesNotTake() throws LinuxException {
        Path path = directory.resolve("full.sock");
        try (Application slow = Application.unix(path)) {
            SocketEndpoint endpoint = endpoint(unixSettings(path, 8));
            int sent = 0;
            while (drops.total() == 0 && sent < 100_000) {
                accept(endpoint, Frames.udp(REMOTE, PORT, text("datagram")));
                sent++;
            }
            assertOnlyDrop(DropReason.ENDPOINT_FULL, 1);
            int received = 0;
            while (slow.receive() != null) {
                received++;
            }
            assertEquals(sent - 1, received);
        }
    }

    @Test
    void displacesTheRemoteOfLongestDisuse() throws LinuxException {
        Path path = directory.resolve("app.sock");
        try (Application living = Application.unix(path)) {
            SocketEndpoint endpoint = endpoint(unixSettings(path, 2));
            poll(endpoint);
            for (int port : new int[] {1, 2, 1}) {
                accept(endpoint, Frames.udp(REMOTE.port(port), PORT, text("from " + port)));
                receive(living);
            }
            accept(endpoint, Frames.udp(REMOTE.port(2), PORT, text("from 2")));
            receive(living);
            living.send(text("on its way to 2"));
            accept(endpoint, Frames.udp(REMOTE.port(1), PORT, text("from 1")));
            receive(living);
            accept(endpoint, Frames.udp(REMOTE.port(3), PORT, text("from 3")));
            receive(living);
            assertEquals(2, endpoint.remotes());
            assertOnlyDrop(DropReason.SOCKET_NO_PEER, 1);
        }
    }

    @Test
    void forgetsIdleRemotes() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        assertEquals(1, endpoint.remotes());
        Batch batch = new Batch();
        batch.nowNanos(TimeUnit.SECONDS.toNanos(60));
        endpoint.accept(batch);
        assertEquals(1, endpoint.remotes());
        batch.nowNanos(TimeUnit.SECONDS.toNanos(60) + 1);
        endpoint.accept(batch);
        assertEquals(0, endpoint.remotes());
    }

    /** No packet comes after the last one: neither {@code poll} nor {@code accept} is called. */
    @Test
    void forgetsRemotesWithoutTraffic() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        assertFalse(endpoint.wantsTicks());
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        assertTrue(endpoint.wantsTicks());
        endpoint.tick(TimeUnit.SECONDS.toNanos(60) + 1);
        assertEquals(0, endpoint.remotes());
        assertFalse(endpoint.wantsTicks());
    }

    @Test
    void keepsRemotesThatAreOnlyAnswered() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("subscribe")));
        receive(application);
        Batch batch = new Batch();
        for (int minute = 1; minute <= 3; minute++) {
            application.send(text("news"));
            batch.nowNanos(TimeUnit.SECONDS.toNanos(50L * minute));
            EndpointContract.await("news", () -> endpoint.poll(batch) == 1);
            batch.release();
        }
        assertEquals(1, endpoint.remotes());
    }
}
