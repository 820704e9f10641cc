package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where an application receives datagrams: a Unix socket's path, or an IP address and UDP port. Immutable.
 *
 * <pre>
 * sockaddr_un   0 family = 1 (host)  2 path, at most 107 bytes and a zero; or a zero and an abstract name
 * </pre>
 */
public final class DatagramAddress {
    /** Bytes that a path can have. */
    public static final int PATH_LIMIT = 107;

    static final int AF_UNIX = 1;
    static final int PATH_OFFSET = 2;

    private final String text;
    private final int family;
    private final MemorySegment sockaddr;
    private final int length;

    private DatagramAddress(String text, int family, MemorySegment sockaddr, int length) {
        this.text = text;
        this.family = family;
        this.sockaddr = sockaddr;
        this.length = length;
    }

    /** The socket at a path of the file system, of at most 107 bytes. */
    public static DatagramAddress unix(Path path) {
        byte[] bytes = checked("socket path", path.toString());
        return unix("unix:" + path, bytes, PATH_OFFSET, PATH_OFFSET + bytes.length + 1);
    }

    /** The socket with an abstract name, of at most 107 bytes, in this network namespace: unix(7). */
    public static DatagramAddress unixAbstract(String name) {
        byte[] bytes = checked("abstract name", name);
        return unix("unix:@" + name, bytes, PATH_OFFSET + 1, PATH_OFFSET + 1 + bytes.length);
    }

    private static byte[] checked(String kind, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > PATH_LIMIT) {
            throw new IllegalArgumentException(kind + " \"" + name + "\" is not 1 to " + PATH_LIMIT + " bytes long");
        }
        return bytes;
    }

    private static DatagramAddress unix(String text, byte[] name, int offset, int length) {
        MemorySegment sockaddr = Arena.ofAuto().allocate(length, 8);
        sockaddr.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, sockaddr, JAVA_BYTE, offset, name.length);
        return new DatagramAddress(text, AF_UNIX, sockaddr, length);
    }

    /** A UDP port. */
    public static DatagramAddress udp(UdpAddress address) {
        MemorySegment sockaddr = Arena.ofAuto().allocate(UdpAddress.SIZE, 8);
        sockaddr.set(JAVA_LONG, 0, address.word0);
        sockaddr.set(JAVA_LONG, 8, address.word1);
        sockaddr.set(JAVA_LONG, 16, address.word2);
        sockaddr.set(JAVA_LONG, 24, address.word3);
        int family = address.isIpv6() ? Syscalls.AF_INET6 : Syscalls.AF_INET;
        return new DatagramAddress("udp:" + address, family, sockaddr, address.length);
    }

    /** Whether this is a Unix socket. */
    public boolean isUnix() {
        return family == AF_UNIX;
    }

    int family() {
        return family;
    }

    long address() {
        return sockaddr.address();
    }

    int length() {
        return length;
    }

    /** As in {@code unix:/run/app.sock} or {@code udp:127.0.0.1:9000}. */
    @Override
    public String toString() {
        return text;
    }
}
