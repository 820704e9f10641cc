package dev.peregrine.dataplane.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * An IP address and UDP port, kept as the words of its {@code sockaddr} so that {@link SendVector} copies it at the
 * cost of four stores. Made once per remote; immutable; owns no native memory.
 *
 * <pre>
 * sockaddr_in   0 family = 2  (host)  2 port (network)  4 address
 * sockaddr_in6  0 family = 10 (host)  2 port (network)  4 flow label  8 address  24 scope (host)
 * </pre>
 */
public final class UdpAddress {
    /** Room for either form, in bytes. */
    static final int SIZE = 32;

    private static final int IPV4_LENGTH = 16;
    private static final int IPV6_LENGTH = 28;

    private final InetAddress address;
    private final int port;
    final int length;
    final long word0;
    final long word1;
    final long word2;
    final long word3;

    private UdpAddress(InetAddress address, int port) {
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("port " + port + " is not within 0 to 65535");
        }
        this.address = address;
        this.port = port;
        this.length = address instanceof Inet6Address ? IPV6_LENGTH : IPV4_LENGTH;
        ByteBuffer bytes = sockaddr();
        this.word0 = bytes.getLong(0);
        this.word1 = bytes.getLong(8);
        this.word2 = bytes.getLong(16);
        this.word3 = bytes.getLong(24);
    }

    /** An IPv6 link-local address keeps its scope. */
    public static UdpAddress of(InetAddress address, int port) {
        return new UdpAddress(address, port);
    }

    public InetAddress address() {
        return address;
    }

    public int port() {
        return port;
    }

    public ProtocolFamily family() {
        return isIpv6() ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    boolean isIpv6() {
        return length == IPV6_LENGTH;
    }

    /** Writes the {@code sockaddr} into {@link #SIZE} bytes, and returns them. */
    MemorySegment writeTo(MemorySegment sockaddr) {
        sockaddr.set(JAVA_LONG, 0, word0);
        sockaddr.set(JAVA_LONG, 8, word1);
        sockaddr.set(JAVA_LONG, 16, word2);
        sockaddr.set(JAVA_LONG, 24, word3);
        return sockaddr;
    }

    private ByteBuffer sockaddr() {
        ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
        bytes.put(2, (byte) (port >> 8)).put(3, (byte) port);
        if (address instanceof Inet6Address ipv6) {
            bytes.putShort(0, (short) Syscalls.AF_INET6)
                    .put(8, ipv6.getAddress())
                    .putInt(24, ipv6.getScopeId());
        } else {
            bytes.putShort(0, (short) Syscalls.AF_INET).put(4, address.getAddress());
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UdpAddress that && port == that.port && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return Objects.hash(address, port);
    }

    /** As in {@code 198.18.0.1:4789} or {@code [fd00::1]:4789}. */
    @Override
    public String toString() {
        return AddressText.of(address, port);
    }
}
