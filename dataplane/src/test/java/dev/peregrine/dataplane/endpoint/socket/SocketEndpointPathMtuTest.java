package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.endpoint.Fragments;
import dev.peregrine.dataplane.endpoint.Frames;
import dev.peregrine.dataplane.endpoint.Frames.Host;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropReason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies on paths whose MTU is less than the port's. */
class SocketEndpointPathMtuTest extends SocketEndpointFragmentsFixture {
    /** "Fragmentation needed" or "packet too big" about a frame. */
    private static byte[] tooBig(byte[] frame, Host from, Host to, int mtu) {
        byte[] quoted = Arrays.copyOfRange(frame, 14, Math.min(frame.length, 14 + 500));
        ByteBuffer icmp = ByteBuffer.allocate(8 + quoted.length);
        icmp.putShort((short) (from.ipv6() ? 0x0200 : 0x0304))
                .putShort((short) 0)
                .putInt(mtu)
                .put(quoted);
        return Frames.ip(from, to, from.ipv6() ? Frames.ICMPV6 : Frames.ICMP, icmp.array());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fitsRepliesToANarrowPath(boolean ipv6) throws LinuxException {
        SocketEndpoint endpoint = endpoint(port(ipv6));
        accept(endpoint, Frames.udp(remote(ipv6), port(ipv6), text("hello")));
        receive(application);
        Host router = new Host(0x0200_0000_0007L, ipv6 ? "fd00:19::7" : "198.19.0.7", 0);
        for (int payload : new int[] {1_350, 2_000}) {
            application.send(bytes(payload));
            List<byte[]> before = pollUntilLast(endpoint);
            int mtu = 1_400 - payload / 20;
            accept(endpoint, tooBig(before.getFirst(), router, port(ipv6), mtu));
            application.send(bytes(payload));
            List<byte[]> after = pollUntilLast(endpoint);
            assertEquals(2, after.size());
            assertTrue(after.stream().allMatch(fragment -> fragment.length <= mtu + 14));
            assertArrayEquals(bytes(payload), Frames.udpPayload(Fragments.join(after)));
        }
        assertEquals(0, drops.total());
        endpoint.tick(TimeUnit.SECONDS.toNanos(59)); // the remote is still known
        accept(endpoint, Frames.udp(remote(ipv6).port(9_002), port(ipv6), text("hello")));
        receive(application);
        application.send(bytes(1_350));
        assertEquals(1, pollUntilLast(endpoint).size(), "another remote");
    }

    @Test
    void triesLongerRepliesAgainAfterTenMinutes() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        application.send(bytes(1_400));
        accept(endpoint, tooBig(pollOne(endpoint), REMOTE, PORT, 1_000));
        for (int minute = 0; minute <= 11; minute++) {
            acceptAt(endpoint, 60L * minute, Frames.udp(REMOTE, PORT, text("still here")));
            receive(application);
            application.send(bytes(1_400));
            assertEquals(minute <= 10 ? 2 : 1, pollUntilLast(endpoint).size(), "after " + minute + " minutes");
        }
    }

    /** RFC 8201 section 4: it may be old, false, or about another path. */
    @Test
    void nothingThatIsSaidMakesAPathWider() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        byte[] reply = Frames.udp(PORT, REMOTE, bytes(1_400));
        for (int mtu : new int[] {1_000, 1_450, 700, 900}) {
            accept(endpoint, tooBig(reply, REMOTE, PORT, mtu));
            application.send(bytes(1_400));
            assertEquals(mtu > 900 ? 2 : 3, pollUntilLast(endpoint).size(), "MTU " + mtu);
        }
    }

    @Test
    void doesNotBelieveAllThatIsSaidOfThePath() throws LinuxException {
        SocketEndpoint endpoint = endpoint(PORT);
        accept(endpoint, Frames.udp(REMOTE, PORT, text("hello")));
        receive(application);
        byte[] reply = Frames.udp(PORT, REMOTE, bytes(1_000));
        byte[] wrong = tooBig(reply, REMOTE, PORT, 600);
        wrong[60]++;
        accept(endpoint, wrong);
        assertOnlyDrop(DropReason.INNER_CHECKSUM, 1);
        accept(
                endpoint,
                tooBig(Frames.udp(PORT, REMOTE.port(5), bytes(1_000)), REMOTE, PORT, 600),
                tooBig(Frames.udp(REMOTE, PORT, bytes(1_000)), REMOTE, PORT, 600),
                tooBig(Frames.udp(PORT.port(5), REMOTE, bytes(1_000)), REMOTE, PORT, 600),
                Frames.ip(REMOTE, PORT, Frames.ICMP, new byte[] {3, 4, 0, 0, 0, 0, 2, 0, 0x45}));
        assertEquals(4, drops.count(DropReason.SOCKET_NOT_OURS));
        application.send(bytes(1_000));
        assertEquals(1, pollUntilLast(endpoint).size());
        accept(endpoint, tooBig(reply, REMOTE, PORT, 0));
        application.send(bytes(1_000));
        List<byte[]> fragments = pollUntilLast(endpoint);
        assertEquals(2, fragments.size());
        assertTrue(fragments.getFirst().length > 500, "as short as 552 bytes, no shorter");
    }
}
