package dev.peregrine.dataplane.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.DatagramAddress;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.linux.UdpAddress;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.KernelEcho;
import dev.peregrine.dataplane.testing.Packets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // directory is injected
class SocketEndpointTest {
    private static final Host REMOTE = SocketWorld.REMOTE;
    private static final Host PORT = SocketWorld.PORT;
    private static final Host REMOTE6 = new Host(REMOTE.mac(), "fd00:19::1", 9_001);
    private static final Host PORT6 = new Host(PORT.mac(), "fd00:19::9", 9_000);
    private static final long BROADCAST = 0xffff_ffff_ffffL;

    private final PacketPool pool = new PacketPool(160, 160);
    private final DropCounters drops = new DropCounters();
    private final Application application = Application.udp(0);
    private final List<SocketEndpoint> endpoints = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void returnsEverything() {
        endpoints.forEach(SocketEndpoint::close);
        application.close();
        assertTrue(pool.isFull());
        pool.close();
    }

    private SocketEndpoint endpoint(SocketSettings settings) throws LinuxException {
        SocketEndpoint endpoint = new SocketEndpoint(settings, pool, drops);
        endpoints.add(endpoint);
        return endpoint;
    }

    /** One whose announcement has been polled. */
    private SocketEndpoint endpoint(Host port) throws LinuxException {
        SocketEndpoint endpoint = endpoint(SocketWorld.settings(port, application));
        poll(endpoint);
        return endpoint;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void accept(SocketEndpoint endpoint, byte[]... frames) {
        Batch batch = Frames.batch(pool, frames);
        endpoint.accept(batch);
        assertTrue(batch.isEmpty());
    }

    private List<byte[]> poll(SocketEndpoint endpoint) {
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

    private byte[] pollOne(SocketEndpoint endpoint) {
        List<byte[]> frames = new ArrayList<>();
        EndpointContract.await("a frame", () -> {
            frames.addAll(poll(endpoint));
            return !frames.isEmpty();
        });
        assertEquals(1, frames.size());
        return frames.getFirst();
    }

    private static byte[] receive(Application from) {
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

    private void assertOnlyDrop(DropReason reason, long count) {
        assertEquals(count, drops.count(reason), reason::name);
        assertEquals(count, drops.total());
    }

    // ---- ARP, neighbour discovery, echo ----------------------------------------------------------------------

    @Test
    void answersArpRequest() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.arp(BROADCAST, 1, REMOTE, 0, PORT.address()));
        assertTrue(endpoint.isReady());
        assertArrayEquals(Frames.arp(REMOTE.mac(), 2, PORT, REMOTE.mac(), REMOTE.address()), pollOne(endpoint));
        assertFalse(endpoint.isReady());
    }

    @Test
    void answersArpProbe() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        Host nobody = new Host(REMOTE.mac(), "0.0.0.0", 0);
        accept(endpoint, Frames.arp(BROADCAST, 1, nobody, 0, PORT.address()));
        assertArrayEquals(Frames.arp(REMOTE.mac(), 2, PORT, REMOTE.mac(), nobody.address()), pollOne(endpoint));
    }

    @Test
    void leavesOtherArpAlone() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(
                endpoint,
                Frames.arp(BROADCAST, 1, REMOTE, 0, REMOTE.address()),
                Frames.arp(BROADCAST, 1, REMOTE, 0, Frames.ip("198.19.0.10")),
                Frames.arp(PORT.mac(), 2, REMOTE, PORT.mac(), PORT.address()));
        assertEquals(List.of(), poll(endpoint));
        assertOnlyDrop(DropReason.SOCKET_NOT_OURS, 3);
    }

    @Test
    void announcesItselfAtFirst() throws LinuxException {
        SocketEndpoint endpoint = endpoint(SocketWorld.settings(PORT, application));
        assertTrue(endpoint.isReady());
        assertArrayEquals(Frames.arp(BROADCAST, 1, PORT, 0, PORT.address()), pollOne(endpoint));
        assertFalse(endpoint.isReady());
    }

    @Test
    void announcesItselfOverIpv6() throws LinuxException {
        SocketEndpoint endpoint = endpoint(SocketWorld.settings(PORT6, application));
        byte[] frame = pollOne(endpoint);
        assertAdvertisement(frame, 0x3333_0000_0001L, "ff02::1", 0x2000_0000);
    }

    @Test
    void answersNeighbourSolicitation() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        accept(endpoint, Frames.solicitation(REMOTE6, PORT6.address()));
        assertAdvertisement(pollOne(endpoint), REMOTE6.mac(), "fd00:19::1", 0x6000_0000);
    }

    @Test
    void defendsItsAddressAgainstDuplicates() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        accept(endpoint, Frames.solicitation(new Host(REMOTE.mac(), "::", 0), PORT6.address()));
        assertAdvertisement(pollOne(endpoint), 0x3333_0000_0001L, "ff02::1", 0x2000_0000);
    }

    private static void assertAdvertisement(byte[] frame, long mac, String destination, int flags) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        assertEquals(14 + 40 + 32, frame.length);
        assertEquals(mac, Frames.mac(frame, 0));
        assertEquals(PORT6.mac(), Frames.mac(frame, 6));
        assertTrue(Frames.hasValidChecksums(frame));
        assertEquals(255, frame[14 + 7] & 0xff, "hop limit");
        assertArrayEquals(PORT6.address().getAddress(), Arrays.copyOfRange(frame, 22, 38));
        assertArrayEquals(Frames.ip(destination).getAddress(), Arrays.copyOfRange(frame, 38, 54));
        assertEquals(136, frame[54] & 0xff, "type");
        assertEquals(flags, bytes.getInt(58));
        assertArrayEquals(PORT6.address().getAddress(), Arrays.copyOfRange(frame, 62, 78));
        assertEquals(0x0201, Frames.getShort(frame, 78), "option");
        assertEquals(PORT6.mac(), Frames.mac(frame, 80));
    }

    @Test
    void ignoresSolicitationsThatAreNotValidOrNotForIt() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        byte[] throughRouter = Frames.solicitation(REMOTE6, PORT6.address());
        throughRouter[14 + 7] = 64;
        byte[] wrongChecksum = Frames.solicitation(REMOTE6, PORT6.address());
        wrongChecksum[56]++;
        accept(endpoint, throughRouter, wrongChecksum, Frames.solicitation(REMOTE6, Frames.ip("fd00:19::9:9")));
        assertEquals(List.of(), poll(endpoint));
        assertOnlyDrop(DropReason.SOCKET_NOT_OURS, 3);
    }

    @Test
    void answersPing() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.echo(REMOTE, PORT, true, 77, text("are you there?")));
        assertArrayEquals(Frames.echo(PORT, REMOTE, false, 77, text("are you there?")), pollOne(endpoint));
    }

    @Test
    void answersPingOverIpv6() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT6);
        accept(endpoint, Frames.echo(REMOTE6, PORT6, true, 77, text("are you there?!")));
        assertArrayEquals(Frames.echo(PORT6, REMOTE6, false, 77, text("are you there?!")), pollOne(endpoint));
    }

    @Test
    void takesThePaddingOffAPing() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Arrays.copyOf(Frames.echo(REMOTE, PORT, true, 1, text("x")), 60));
        assertArrayEquals(Frames.echo(PORT, REMOTE, false, 1, text("x")), pollOne(endpoint));
    }

    @Test
    void dropsDamagedPing() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] frame = Frames.echo(REMOTE, PORT, true, 77, text("damaged"));
        frame[frame.length - 1]++;
        accept(endpoint, frame);
        assertOnlyDrop(DropReason.INNER_CHECKSUM, 1);
    }

    @Test
    void boundsItsAnswers() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        byte[] request = Frames.arp(BROADCAST, 1, REMOTE, 0, PORT.address());
        for (int i = 0; i < 70; i++) {
            accept(endpoint, request);
        }
        assertOnlyDrop(DropReason.ENDPOINT_FULL, 6);
        assertEquals(64, poll(endpoint).size());
    }

    @Test
    void countsAnswersForWhichNoBufferWasFree() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        Batch batch = Frames.batch(pool, Frames.arp(BROADCAST, 1, REMOTE, 0, PORT.address()));
        List<Packet> held = new ArrayList<>();
        for (Packet packet = pool.acquire(); packet != null; packet = pool.acquire()) {
            held.add(packet);
        }
        endpoint.accept(batch);
        assertOnlyDrop(DropReason.POOL_EMPTY, 1);
        held.forEach(pool::release);
    }

    // ---- UDP to the application --------------------------------------------------------------------------------

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
    void dropsFragments() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        for (int bits : new int[] {0x2000, 0x00b9}) {
            byte[] frame = Frames.udp(REMOTE, PORT, text("part of something"));
            Frames.putShort(frame, 20, bits);
            Frames.fillIpv4Checksum(frame);
            accept(endpoint, frame);
        }
        assertOnlyDrop(DropReason.INNER_FRAGMENT, 2);
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

    @Test
    void dropsRepliesThatExceedTheMtu() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        application.send(new byte[SocketWorld.MTU - 28 + 1]);
        application.send(new byte[60_000]);
        application.send(new byte[SocketWorld.MTU - 28]);
        assertEquals(SocketWorld.MTU + 14, pollOne(endpoint).length);
        assertOnlyDrop(DropReason.MTU_EXCEEDED, 2);
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
        }
        assertOnlyDrop(DropReason.SOCKET_UNREACHABLE, 3);
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
                60);
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
