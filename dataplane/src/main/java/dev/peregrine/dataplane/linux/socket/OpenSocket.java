package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The descriptor of a socket, which it owns, and the options that are ints. */
abstract sealed class OpenSocket implements AutoCloseable permits UdpSocket, PacketSocket {
    static final int SOL_SOCKET = 1;
    static final int SO_RCVBUF = 8;
    static final int SO_RCVBUFFORCE = 33;

    private volatile int fd;

    OpenSocket(int fd) {
        this.fd = fd;
    }

    /** The file descriptor; -1 after closing. */
    public final int fd() {
        return fd;
    }

    /** Calls after the first do nothing. */
    @Override
    public final synchronized void close() {
        int open = fd;
        fd = -1;
        if (open >= 0) {
            Syscalls.close(open);
        }
    }

    /** Sets the size of a buffer in bytes: by {@code force} beyond the system's limit where that is allowed. */
    final void setBuffer(int force, int option, int bytes, String what) throws LinuxException {
        if (trySet(SOL_SOCKET, force, bytes) < 0) {
            set(SOL_SOCKET, option, bytes, what);
        }
    }

    final void set(int level, int option, int value, String what) throws LinuxException {
        require(trySet(level, option, value), "setsockopt", what);
    }

    final int trySet(int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return Syscalls.setsockopt(
                    fd, level, option, arena.allocateFrom(JAVA_INT, value).address(), Integer.BYTES);
        }
    }

    /** Word {@code word} of an option that has {@code words} of them. */
    final int get(int level, int option, int words, int word, String what) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT, words);
            MemorySegment length = arena.allocateFrom(JAVA_INT, words * Integer.BYTES);
            require(Syscalls.getsockopt(fd, level, option, value.address(), length.address()), "getsockopt", what);
            return value.getAtIndex(JAVA_INT, word);
        }
    }

    /** Throws for a negative result; {@code what} names the object of the call. */
    final void require(int result, String call, String what) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, objectOf(what), result);
        }
    }

    /** The object of a call, as an error message names it. */
    String objectOf(String what) {
        return what;
    }
}
