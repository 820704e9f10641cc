package dev.peregrine.dataplane.linux.socket;

import dev.peregrine.dataplane.linux.sys.Syscalls;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking datagram socket, Unix or UDP, that talks to one application. The kernel gives it an address of its
 * own, so that the application can distinguish it from others and answer it: a UDP port, or for a Unix socket a path
 * that its owner chooses, or without a path an abstract name of the network namespace. It receives only datagrams from
 * the socket that the application receives with.
 *
 * <p>Opened and closed any number of times. No call throws or allocates; failures are returned as {@code -errno}. One
 * thread.
 */
public final class ConnectedSocket implements AutoCloseable {
    private static final int SOCK_DGRAM = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_NOSIGNAL = 0x4000;

    private final DatagramAddress application;
    private final @Nullable NumberedPaths paths;
    private final int number;
    private int fd = -1;
    private boolean hasPath;

    /** A closed socket. */
    public ConnectedSocket(DatagramAddress application) {
        this(application, null, 0);
    }

    /**
     * A closed socket that takes a path while it is open, if it is a Unix socket and the path can be had.
     *
     * @param number of the path among {@code paths}, 0 to {@link NumberedPaths#COUNT} - 1
     */
    public ConnectedSocket(DatagramAddress application, @Nullable NumberedPaths paths, int number) {
        this.application = application;
        this.paths = paths;
        this.number = number;
    }

    /**
     * Opens and connects the socket, in the calling thread's network namespace.
     *
     * @return 0; {@code -ENOENT} or {@code -ECONNREFUSED} when no application receives at a Unix path; or another
     *     {@code -errno}; after a failure the socket is closed
     */
    public int open() {
        close();
        int opened =
                Syscalls.socket(application.family(), SOCK_DGRAM | Syscalls.SOCK_NONBLOCK | Syscalls.SOCK_CLOEXEC, 0);
        if (opened < 0) {
            return opened;
        }
        fd = opened;
        int result = Syscalls.connect(fd, application.address(), application.length());
        if (result >= 0 && application.isUnix()) {
            // After connecting: until then any process could send to the name.
            result = bindUnix();
        }
        if (result < 0) {
            close();
        }
        return result;
    }

    private int bindUnix() {
        hasPath = paths != null && paths.bind(fd, number) >= 0;
        // A Unix address that ends with its family makes the kernel choose a name (unix(7), "autobind").
        return hasPath ? 0 : Syscalls.bind(fd, application.address(), Short.BYTES);
    }

    /** The descriptor; -1 when closed. */
    public int fd() {
        return fd;
    }

    /**
     * Sends one datagram.
     *
     * @return {@code length}; {@code -EAGAIN} when the application's queue is full; {@code -ECONNREFUSED} when the
     *     application has gone (a Unix socket must then be opened again; over UDP it tells of an earlier datagram, and
     *     this one was not sent); or another {@code -errno}
     */
    public int send(long address, int length) {
        return Syscalls.send(fd, address, length, MSG_NOSIGNAL);
    }

    /**
     * Receives one datagram.
     *
     * @return its length, which is more than {@code length} when it did not fit; {@code -EAGAIN} when none waits; over
     *     UDP {@code -ECONNREFUSED} once for sent datagrams that nobody received
     */
    public int receive(long address, int length) {
        return Syscalls.recv(fd, address, length, MSG_TRUNC);
    }

    /** Receives what waits, up to {@code limit} datagrams, and forgets it; returns how many they were. */
    public int discard(int limit) {
        int count = 0;
        while (count < limit && Syscalls.recv(fd, application.address(), 0, 0) >= 0) {
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
        if (hasPath && paths != null) {
            paths.remove(number);
            hasPath = false;
        }
    }
}
