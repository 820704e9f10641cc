package dev.peregrine.dataplane.endpoint.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.MappedAddress;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A remote whose socket fails to receive. */
class RemotesTest {
    private static final int FAILURES = 8;

    private final DropCounters drops = new DropCounters();
    private final Remotes remotes = open();
    private final Remote remote = add();

    private Remotes open() {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        try {
            return new Remotes(
                    new SocketSettings(
                            0x0200_0000_0009L,
                            UdpAddress.of(loopback, 9000),
                            DatagramAddress.udp(UdpAddress.of(loopback, 9)),
                            1450),
                    drops);
        } catch (LinuxException e) {
            throw new AssertionError(e);
        }
    }

    private Remote add() {
        Remote added = remotes.of(0, MappedAddress.low(0xc613_0001), 4000);
        assertNotNull(added);
        return added;
    }

    @AfterEach
    void close() {
        remotes.close();
    }

    @Test
    void isForgottenWhenItOnlyFails() {
        for (int i = 1; i < FAILURES; i++) {
            assertTrue(remotes.mayHaveMore(remote, -Errno.EHOSTUNREACH));
        }
        assertEquals(1, remotes.size());
        assertFalse(remotes.mayHaveMore(remote, -Errno.EBADF));
        assertEquals(0, remotes.size());
        assertEquals(Errno.EBADF, remotes.openErrno());
        assertEquals(FAILURES, drops.count(DropReason.SOCKET_UNREACHABLE));
    }

    @Test
    void staysWhenItsQueueIsEmptyBetweenFailures() {
        for (int i = 0; i < 10 * FAILURES; i++) {
            assertTrue(remotes.mayHaveMore(remote, -Errno.ECONNREFUSED));
            assertFalse(remotes.mayHaveMore(remote, -Errno.EAGAIN));
        }
        assertEquals(1, remotes.size());
        assertEquals(10L * FAILURES, drops.count(DropReason.SOCKET_UNREACHABLE));
    }

    @Test
    void isRefusedUntilTheApplicationIsHeardOrNoMoreIsSaid() {
        assertFalse(remotes.isRefused());
        remotes.mayHaveMore(remote, -Errno.ECONNREFUSED);
        assertTrue(remotes.isRefused());
        remotes.heard();
        assertFalse(remotes.isRefused());
        remotes.mayHaveMore(remote, -Errno.ECONNREFUSED);
        remotes.advance(TimeUnit.MILLISECONDS.toNanos(900));
        remotes.send(remote, 0, 0);
        assertTrue(remotes.isRefused(), "word of the last datagram may still come");
    }
}
