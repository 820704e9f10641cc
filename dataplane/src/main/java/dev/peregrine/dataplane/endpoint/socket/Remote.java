package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.linux.socket.ConnectedSocket;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import org.jspecify.annotations.Nullable;

/**
 * A sender of datagrams to a socket port, known by inner source address and UDP port, and the local socket that stands
 * for it. The object is reused for others by {@link RemoteTable}.
 */
final class Remote {
    /** Index in the table; the socket's token in epoll, and the number of its path. */
    final int id;

    final ConnectedSocket socket;

    /** As in IPv6; IPv4 is mapped (::ffff:a.b.c.d). */
    long addressHigh;

    long addressLow;
    int port;

    /** Where the last datagram from the remote came from. */
    long mac;

    /** Receives in a row that have failed. */
    int failures;

    /** IPv4 identification of the next reply. */
    int identification;

    /** Bytes of the longest IP packet that the path to the remote carries, by an ICMP message; 0 without one. */
    int pathMtu;

    /** When that was said. */
    long pathMtuNanos;

    /** When the last datagram passed, either way. */
    long usedNanos;

    @Nullable
    Remote older;

    @Nullable
    Remote newer;

    Remote(int id, DatagramAddress application, @Nullable NumberedPaths replies) {
        this.id = id;
        socket = new ConnectedSocket(application, replies, id);
    }

    boolean isFor(long addressHigh, long addressLow, int port) {
        return this.addressLow == addressLow && this.port == port && this.addressHigh == addressHigh;
    }
}
