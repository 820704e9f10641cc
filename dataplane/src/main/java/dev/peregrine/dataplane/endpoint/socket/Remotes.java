package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.linux.socket.ConnectedSocket;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The remotes of a socket port, with open sockets. Its first datagram adds a remote. A remote is forgotten after
 * disuse, in favour of a newer one when there are too many, or when the application has gone.
 */
final class Remotes {
    /** Sockets that one poll reports, and remotes that one batch forgets at most. */
    private static final int ROUND = 64;

    /** Receives in a row that fail, after which a socket counts as broken. */
    private static final int FAILURES = 8;

    /** Within this time the kernel reports that no application receives. */
    private static final long NEWS_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After so long a longer packet is tried again: RFC 1191 section 6.3, RFC 8201 section 4. */
    private static final long PATH_MTU_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final DatagramAddress application;
    private final RemoteTable table;
    private final DropCounters drops;
    private final long idleNanos;
    private final Epoll epoll;
    private long nowNanos;

    /** Written by the worker, read by others too. */
    private volatile int openErrno;

    private volatile boolean refuses;
    private long refusedNanos;

    Remotes(SocketSettings settings, DropCounters drops) throws LinuxException {
        application = settings.application();
        table = new RemoteTable(application, settings.replies(), settings.maxRemotes());
        this.drops = drops;
        idleNanos = TimeUnit.SECONDS.toNanos(settings.idleSeconds());
        epoll = Epoll.open(ROUND);
    }

    /** Readable while a remote's socket is. */
    int fd() {
        return epoll.fd();
    }

    int size() {
        return table.size();
    }

    /** Sets the clock, which never goes back, and forgets remotes of long disuse. */
    void advance(long nowNanos) {
        if (nowNanos - this.nowNanos > 0) {
            this.nowNanos = nowNanos;
        }
        for (int i = 0; i < ROUND; i++) {
            Remote oldest = table.oldest();
            if (oldest == null || this.nowNanos - oldest.usedNanos <= idleNanos) {
                return;
            }
            forget(oldest);
        }
    }

    /**
     * The remote with an address and port, added if need be; null when its socket does not open ({@link #openErrno}).
     */
    @Nullable
    Remote of(long addressHigh, long addressLow, int port) {
        Remote known = table.find(addressHigh, addressLow, port);
        if (known != null) {
            table.touch(known, nowNanos);
            return known;
        }
        Remote oldest = table.oldest();
        if (table.isFull() && oldest != null) {
            forget(oldest);
        }
        Remote remote = table.add(addressHigh, addressLow, port, nowNanos);
        int result = open(remote);
        if (result < 0) {
            table.remove(remote);
            return null;
        }
        return remote;
    }

    /**
     * Records the longest IP packet that the path to a remote carries; false when the remote is unknown. No message
     * makes a path wider (RFC 8201 section 4): a larger size is tried after a time.
     */
    boolean narrow(long addressHigh, long addressLow, int port, int said) {
        Remote remote = table.find(addressHigh, addressLow, port);
        if (remote == null) {
            return false;
        }
        if (pathMtu(remote, said) == said) {
            remote.pathMtu = said;
            remote.pathMtuNanos = nowNanos;
        }
        return true;
    }

    /** Bytes of the longest IP packet that the path to a remote carries, as far as is known, at most {@code mtu}. */
    int pathMtu(Remote remote, int mtu) {
        if (remote.pathMtu == 0) {
            return mtu;
        }
        if (nowNanos - remote.pathMtuNanos > PATH_MTU_NANOS) {
            remote.pathMtu = 0;
            return mtu;
        }
        return Math.min(mtu, remote.pathMtu);
    }

    /** Why the last socket did not open, or broke, as a positive errno; 0 before the first failure. */
    int openErrno() {
        return openErrno;
    }

    /** Whether the latest report says that the application is not there; any thread may ask. */
    boolean isRefused() {
        return refuses;
    }

    /** Takes note that the application has sent something. */
    void heard() {
        if (refuses) {
            refuses = false;
        }
    }

    private void refused(int errno) {
        openErrno = errno;
        refusedNanos = nowNanos;
        refuses = true;
    }

    /**
     * Whether another datagram of a remote may wait after receiving has failed. The failure concerns a datagram that
     * was sent earlier and that the application did not get. A socket that only fails would stay readable: its remote
     * is forgotten, and the next datagram opens another one.
     *
     * @param result {@code -errno}
     */
    boolean mayHaveMore(Remote remote, int result) {
        if (Errno.isPassing(result)) {
            remote.failures = 0;
            return false;
        }
        drops.add(DropReason.SOCKET_UNREACHABLE, 1);
        refused(-result);
        remote.failures++;
        if (remote.failures < FAILURES) {
            return true;
        }
        forget(remote);
        return false;
    }

    /**
     * Sends a datagram to the application, which may have restarted since the last one.
     *
     * @return {@code -errno} for a failure; the remote may be forgotten by it
     */
    int send(Remote remote, long address, int length) {
        int result = remote.socket.send(address, length);
        if (result != -Errno.ECONNREFUSED && result != -Errno.ENOTCONN) {
            if (refuses && nowNanos - refusedNanos > NEWS_NANOS) {
                refuses = false; // If it were still so, the kernel would report it again.
            }
            return result;
        }
        if (application.isUnix()) {
            discard(remote);
            int opened = open(remote);
            if (opened < 0) {
                table.remove(remote);
                return opened;
            }
        } else {
            drops.add(DropReason.SOCKET_UNREACHABLE, 1); // The errno is about an earlier datagram.
            refused(-result);
        }
        return remote.socket.send(address, length);
    }

    /** Looks which remotes have something to receive; returns how many. */
    int poll() {
        return Math.max(0, epoll.poll());
    }

    /** The {@code i}-th remote of the last {@link #poll}. */
    Remote readable(int i) {
        Remote remote = table.remote(epoll.token(i));
        table.touch(remote, nowNanos);
        return remote;
    }

    void close() {
        for (Remote remote = table.oldest(); remote != null; remote = table.oldest()) {
            forget(remote);
        }
        epoll.close();
    }

    private int open(Remote remote) {
        ConnectedSocket socket = remote.socket;
        int result = socket.open();
        remote.failures = 0;
        if (result >= 0) {
            result = epoll.add(socket.fd(), remote.id);
        }
        if (result < 0) {
            socket.close();
            refused(-result);
        }
        return result;
    }

    private void forget(Remote remote) {
        discard(remote);
        remote.socket.close();
        table.remove(remote);
    }

    /** Counts datagrams that the application has sent and that can no longer be delivered. */
    private void discard(Remote remote) {
        drops.add(DropReason.SOCKET_NO_PEER, remote.socket.discard(ROUND));
    }
}
