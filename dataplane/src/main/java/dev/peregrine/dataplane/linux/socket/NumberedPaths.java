package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Paths for Unix sockets of one owner, which differ in a number only: {@code PREFIX.0000} to {@code PREFIX.ffff}.
 * Unlike abstract names, which belong to a network namespace, sockets there are reached from wherever the file system
 * is.
 *
 * <p>Nothing is allocated after construction. One thread, but for {@link #lastErrno}.
 */
public final class NumberedPaths {
    /** Bytes that a number adds to the prefix. */
    public static final int SUFFIX_LENGTH = 5;

    /** How many numbers there are. */
    public static final int COUNT = 1 << 16;

    private static final int DIGITS = 4;
    private static final int READ_AND_WRITE_FOR_ALL = 0666;
    private static final String HEXADECIMAL = "0123456789abcdef";

    /** Opens a socket's file, even if its path leads elsewhere now; needs CAP_NET_ADMIN. */
    private static final int SIOCUNIXFILE = 0x89e0;

    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;
    private static final int O_NOFOLLOW = System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x20000;
    private static final String DESCRIPTORS = "/proc/self/fd/";
    private static final int DECIMAL_DIGITS = 10;

    private final MemorySegment sockaddr;
    private final MemorySegment descriptor = Arena.ofAuto().allocateFrom(DESCRIPTORS + "0".repeat(DECIMAL_DIGITS));
    private final int length;
    private volatile int lastErrno;

    /** @param prefix of at most 102 bytes, absolute */
    public NumberedPaths(Path prefix) {
        byte[] bytes = prefix.toString().getBytes(StandardCharsets.UTF_8);
        int end = bytes.length + SUFFIX_LENGTH;
        if (end > DatagramAddress.PATH_LIMIT) {
            throw new IllegalArgumentException("the prefix of socket paths \"" + prefix + "\" is longer than "
                    + (DatagramAddress.PATH_LIMIT - SUFFIX_LENGTH) + " bytes");
        }
        length = DatagramAddress.PATH_OFFSET + end + 1;
        sockaddr = Arena.ofAuto().allocate(length, 8);
        sockaddr.set(JAVA_SHORT, 0, (short) DatagramAddress.AF_UNIX);
        MemorySegment.copy(bytes, 0, sockaddr, JAVA_BYTE, DatagramAddress.PATH_OFFSET, bytes.length);
        sockaddr.set(JAVA_BYTE, (long) DatagramAddress.PATH_OFFSET + bytes.length, (byte) '.');
    }

    /**
     * Why a socket could not be bound to its path, or not be opened to all there, the last time that one was tried, as
     * a positive errno; 0 when it could.
     */
    public int lastErrno() {
        return lastErrno;
    }

    /**
     * Binds a socket to a path. Every user may send to it, but only from the socket that it is connected to. The path
     * must be free.
     *
     * @return 0 when it is bound, even if it could not be opened to all; or {@code -errno}
     */
    int bind(int fd, int number) {
        write(number);
        int bound = Syscalls.bind(fd, sockaddr.address(), length);
        lastErrno = -(bound < 0 ? bound : openToAll(fd));
        return bound;
    }

    /**
     * Lets everybody write, which sending takes: the application may be another user's, and the umask has taken the
     * right. Another user may own the folder, and put a link to any file in the socket's place. So the file is opened,
     * and never looked up by a name that leads elsewhere.
     *
     * @param fd a socket that is bound to the path written last
     * @return 0 or {@code -errno}
     */
    int openToAll(int fd) {
        int opened = Syscalls.ioctl(fd, SIOCUNIXFILE, 0);
        if (opened < 0) { // without CAP_NET_ADMIN
            opened = Syscalls.open(path(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
        }
        if (opened < 0) {
            return opened;
        }
        writeDecimal(opened);
        int result = Syscalls.chmod(descriptor.address(), READ_AND_WRITE_FOR_ALL);
        Syscalls.close(opened);
        return result;
    }

    /** Removes the file that {@link #bind} made. */
    void remove(int number) {
        write(number);
        Syscalls.unlink(path());
    }

    private long path() {
        return sockaddr.address() + DatagramAddress.PATH_OFFSET;
    }

    /** Writes a descriptor's name: no zeros in front, a zero byte behind. */
    private void writeDecimal(int fd) {
        int end = DESCRIPTORS.length() + 1;
        for (int rest = fd; rest >= 10; rest /= 10) {
            end++;
        }
        descriptor.set(JAVA_BYTE, end, (byte) 0);
        for (int rest = fd, at = end - 1; at >= DESCRIPTORS.length(); rest /= 10, at--) {
            descriptor.set(JAVA_BYTE, at, (byte) ('0' + rest % 10));
        }
    }

    private void write(int number) {
        for (int i = 0; i < DIGITS; i++) {
            int digit = (number >> (4 * (DIGITS - 1 - i))) & 0xf;
            sockaddr.set(JAVA_BYTE, (long) length - 1 - DIGITS + i, (byte) HEXADECIMAL.charAt(digit));
        }
    }
}
