package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A VXLAN datagram as it is on the underlay, read without the code under test.
 *
 * @param frame all of it, from the Ethernet header
 * @param network index of the outer IP header
 * @param udp index of the UDP header
 */
@SuppressWarnings("ArrayRecordComponent")
public // never compared
record VxlanDatagram(byte[] frame, int network, int udp) {
    private static final int ETHERNET = 14;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int UDP = 17;
    private static final int UDP_LENGTH = 8;
    private static final int VXLAN_LENGTH = 8;

    /** The I flag and nothing else (RFC 7348 section 5). */
    public static final long CLEAN_FLAGS = 0x0800_0000_0000_0000L;

    /** The datagram in a frame that goes to a UDP port; empty for any other frame. */
    public static Optional<VxlanDatagram> of(byte[] frame, int port) {
        if (frame.length < ETHERNET + 20) return Optional.empty();
        int type = Reference.getShort(frame, 12);
        boolean ipv4 = type == IPV4 && frame[ETHERNET + 9] == UDP;
        boolean ipv6 = type == IPV6 && frame[ETHERNET + 6] == UDP;
        if (!ipv4 && !ipv6) return Optional.empty();
        int udp = ETHERNET + (ipv4 ? 4 * (frame[ETHERNET] & 15) : 40);
        if (Reference.getShort(frame, udp + 2) != port) return Optional.empty();
        return Optional.of(new VxlanDatagram(frame, ETHERNET, udp));
    }

    public int tos() {
        return tos(frame, network);
    }

    public int ttl() {
        return ttl(frame, network);
    }

    public InetAddress source() {
        return address(isIpv4() ? 12 : 8);
    }

    public InetAddress destination() {
        return address(isIpv4() ? 16 : 24);
    }

    private InetAddress address(int at) {
        try {
            int from = network + at;
            return InetAddress.getByAddress(Arrays.copyOfRange(frame, from, from + (isIpv4() ? 4 : 16)));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private boolean isIpv4() {
        return Reference.getShort(frame, 12) == IPV4;
    }

    public int sourcePort() {
        return Reference.getShort(frame, udp);
    }

    public int checksum() {
        return Reference.getShort(frame, udp + 6);
    }

    public boolean hasValidChecksum() {
        int length = Reference.getShort(frame, udp + 4);
        int addresses = network + (isIpv4() ? 12 : 8);
        int pseudo = Reference.pseudoHeader(frame, addresses, addresses + (isIpv4() ? 8 : 32), UDP, length);
        return Reference.sum(frame, udp, udp + length, pseudo) == 0xffff;
    }

    public boolean doesNotFragment() {
        return (frame[network + 6] & 0x40) != 0;
    }

    /** The VXLAN header. */
    public long header() {
        return Integer.toUnsignedLong(Reference.getInt(frame, udp + UDP_LENGTH)) << 32
                | Integer.toUnsignedLong(Reference.getInt(frame, udp + UDP_LENGTH + 4));
    }

    /** The inner frame. */
    public byte[] inner() {
        int end = udp + Reference.getShort(frame, udp + 4);
        return Arrays.copyOfRange(frame, udp + UDP_LENGTH + VXLAN_LENGTH, end);
    }

    /** TOS or traffic class of an untagged IP frame. */
    public static int tos(byte[] frame) {
        return tos(frame, ETHERNET);
    }

    private static int tos(byte[] frame, int network) {
        return Reference.getShort(frame, 12) == IPV4
                ? frame[network + 1] & 0xff
                : Reference.getShort(frame, network) >>> 4 & 0xff;
    }

    private static int ttl(byte[] frame, int network) {
        return frame[network + (Reference.getShort(frame, 12) == IPV4 ? 8 : 7)] & 0xff;
    }

    /**
     * The payload of a datagram with a frame in it.
     *
     * @param flags the VXLAN header without the VNI
     */
    public static byte[] payload(long flags, int vni, byte[] inner) {
        byte[] payload = new byte[VXLAN_LENGTH + inner.length];
        long header = flags | (long) vni << 8;
        Reference.setInt(payload, 0, (int) (header >>> 32));
        Reference.setInt(payload, 4, (int) header);
        System.arraycopy(inner, 0, payload, VXLAN_LENGTH, inner.length);
        return payload;
    }

    /** A frame with a UDP datagram between two underlay addresses, to be finished by the caller. */
    public static FrameBuilder outer(String from, String to) {
        return (from.contains(":") ? FrameBuilder.udp6() : FrameBuilder.udp4()).addresses(from, to);
    }
}
