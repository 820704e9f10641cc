package dev.peregrine.dataplane.linux.namespace;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A lock that one process per network namespace can hold: a Unix socket bound to {@code peregrine/NAME} in the abstract
 * namespace. It leaves no file, and the kernel frees it when its process dies, however that happens.
 */
public final class AbstractSocketLock implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int PATH_LIMIT = 108;
    private static final String PREFIX = "\0peregrine/";

    private final String name;
    private int fd;

    private AbstractSocketLock(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /**
     * Takes the lock in the calling thread's network namespace.
     *
     * @param name at most 97 bytes of UTF-8
     * @return empty if it is held, by this or another process
     */
    public static Optional<AbstractSocketLock> tryAcquire(String name) throws LinuxException {
        byte[] path = (PREFIX + name).getBytes(StandardCharsets.UTF_8);
        if (path.length > PATH_LIMIT) {
            throw new IllegalArgumentException("lock name \"" + name + "\" is longer than 97 bytes");
        }
        int fd = Syscalls.socket(AF_UNIX, SOCK_DGRAM | Syscalls.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw new LinuxException("socket", "Unix datagram", fd);
        }
        int result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sockaddr = arena.allocate(Short.BYTES + path.length, 2);
            sockaddr.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(path, 0, sockaddr, JAVA_BYTE, Short.BYTES, path.length);
            result = Syscalls.bind(fd, sockaddr.address(), (int) sockaddr.byteSize());
        }
        if (result >= 0) {
            return Optional.of(new AbstractSocketLock(name, fd));
        }
        Syscalls.close(fd);
        if (result == -Errno.EADDRINUSE) {
            return Optional.empty();
        }
        throw new LinuxException("bind", "@peregrine/" + name, result);
    }

    /** Releases the lock; calls after the first do nothing. */
    @Override
    public synchronized void close() {
        if (fd >= 0) {
            Syscalls.close(fd);
            fd = -1;
        }
    }

    @Override
    public String toString() {
        return "lock @peregrine/" + name;
    }
}
