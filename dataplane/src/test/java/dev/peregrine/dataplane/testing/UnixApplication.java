package dev.peregrine.dataplane.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.MessageHeader;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An application with a Unix datagram socket at a path, which answers whom it heard last. The JDK has none. */
public final class UnixApplication implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int NAME_SIZE = 110;
    private static final int BUFFER_SIZE = 70_000;

    private final Path path;
    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment header = arena.allocate(MessageHeader.SIZE, 8);
    private final MemorySegment iovec = arena.allocate(MessageHeader.IOVEC_SIZE, 8);
    private final MemorySegment name = arena.allocate(NAME_SIZE, 8);
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, 8);
    private int nameLength;

    /** Binds at the path, which must be free. */
    public UnixApplication(Path path) {
        this.path = path;
        fd = Syscalls.socket(AF_UNIX, SOCK_DGRAM | Syscalls.SOCK_NONBLOCK | Syscalls.SOCK_CLOEXEC, 0);
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        name.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(bytes, 0, name, JAVA_BYTE, 2, bytes.length);
        int bound = Syscalls.bind(fd, name.address(), 2 + bytes.length);
        assertEquals(0, bound, () -> "bind gave " + Errno.name(bound));
        header.set(JAVA_LONG, MessageHeader.NAME, name.address());
        header.set(JAVA_LONG, MessageHeader.IOVECS, iovec.address());
        header.set(JAVA_LONG, MessageHeader.IOVEC_COUNT, 1);
        iovec.set(JAVA_LONG, 0, buffer.address());
    }

    /** The datagram that waits, or null. */
    public byte @Nullable [] receive() {
        iovec.set(JAVA_LONG, 8, BUFFER_SIZE);
        header.set(JAVA_INT, MessageHeader.NAME_LENGTH, NAME_SIZE);
        if (Syscalls.recvmmsg(fd, header.address(), 1, MessageHeader.MSG_DONTWAIT) != 1) {
            return null;
        }
        nameLength = header.get(JAVA_INT, MessageHeader.NAME_LENGTH);
        return buffer.asSlice(0, header.get(JAVA_INT, MessageHeader.LENGTH)).toArray(JAVA_BYTE);
    }

    /** The abstract name of whom it heard last. */
    public String sender() {
        return new String(name.asSlice(3, nameLength - 3).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** Will answer whom another application heard last. */
    public void correspondAs(UnixApplication other) {
        MemorySegment.copy(other.name, 0, name, 0, NAME_SIZE);
        nameLength = other.nameLength;
    }

    /** Sends to whom it heard last; the result of the system call. */
    public int send(byte[] datagram) {
        MemorySegment.copy(datagram, 0, buffer, JAVA_BYTE, 0, datagram.length);
        iovec.set(JAVA_LONG, 8, datagram.length);
        header.set(JAVA_INT, MessageHeader.NAME_LENGTH, nameLength);
        return Syscalls.sendmmsg(fd, header.address(), 1, MessageHeader.MSG_DONTWAIT);
    }

    @Override
    public void close() {
        assertTrue(Syscalls.close(fd) >= 0);
        arena.close();
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
