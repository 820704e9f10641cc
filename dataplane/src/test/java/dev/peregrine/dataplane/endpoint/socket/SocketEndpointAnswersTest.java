package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The messages and answers of a socket endpoint itself: ARP, neighbour discovery, echo. */
class SocketEndpointAnswersTest extends SocketEndpointFixture {
    private static final long BROADCAST = 0xffff_ffff_ffffL;

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
    void countsAnswersThatWaitAtTheEnd() throws LinuxException {
        SocketEndpoint endpoint = new SocketEndpoint(SocketWorld.settings(PORT, application), pool, drops);
        accept(endpoint, Frames.arp(BROADCAST, 1, REMOTE, 0, PORT.address()));
        endpoint.close();
        assertOnlyDrop(DropReason.PORT_DOWN, 1);
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
}
