package dev.peregrine.fastpath;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Packet;

/**
 * What makes two packets the same flow: all that the chain's decisions rest on, in eight words.
 *
 * <pre>
 *   tunnel       the tunnel header as it is, with the VNI; 0 for a frame from a local port
 *   macs         destination MAC (48), first bytes of the source MAC (16)
 *   rest         the other bytes of the source MAC (32), EtherType (16), VLAN tag (16) or 0
 *   ends         ports, or type, code and identifier of an echo (32); IPv6? (1); ingress port (23); protocol (8)
 *   addresses    source and destination: one word for IPv4 and three zeros, four words for IPv6
 * </pre>
 *
 * <p>The ingress port stands for the segment of a local port, and for the address of a remote VTEP. TCP flags, TOS and
 * lengths are not in it: packets where those count for more than themselves are no flow, see {@link #read}.
 */
final class FlowKey {
    /** Words of a key. */
    static final int WORDS = 8;

    /** Bytes of the tunnel headers that a key takes in. */
    static final int TUNNEL_BYTES = Long.BYTES;

    private static final long GROUP_BIT = 1L << 56;
    private static final long TAG_MASK = 0xffff;
    private static final int IPV6_BIT = 1 << 31;
    private static final int PORT_SHIFT = 8;
    private static final int TCP_FLAGS = 12;
    private static final int DECIDING_FLAGS = TcpHeader.SYN | TcpHeader.FIN | TcpHeader.RST | TcpHeader.ACK;
    private static final int FRAGMENT_BITS = 6;
    private static final int ADDRESSES_IPV4 = 12;
    private static final int ADDRESSES_IPV6 = 8;

    final long[] words = new long[WORDS];

    /**
     * Takes the key of a dissected packet.
     *
     * @param frame index of the inner frame: 0, or {@link #TUNNEL_BYTES}
     * @param inPort the ingress port, not negative
     * @return false for what always walks the chain, and leaves no key: frames other than unicast IPv4 and IPv6 with
     *     TCP, UDP or ICMP echo; more than one VLAN tag; fragments; IPv4 options and IPv6 extension headers; TCP
     *     segments that open or close a connection
     */
    boolean read(Packet packet, int frame, int inPort) {
        int transport = packet.transportIndex();
        if (transport < 0) {
            return false;
        }
        int network = packet.networkIndex();
        long macs = packet.getLong(frame);
        long rest = packet.getLong(frame + Long.BYTES);
        if (network == frame + EthernetHeader.LENGTH) {
            rest &= ~TAG_MASK;
        } else if (network != frame + EthernetHeader.LENGTH + EthernetHeader.VLAN_TAG_LENGTH) {
            return false;
        }
        int protocol = packet.protocol();
        long ends = ends(packet, protocol, transport);
        if ((macs & GROUP_BIT) != 0 || ends < 0) {
            return false;
        }
        boolean ipv6 = packet.getByte(network) >>> 4 == 6;
        if (!(ipv6 ? readIpv6(packet, network, transport) : readIpv4(packet, network, transport))) {
            return false;
        }
        words[0] = frame == 0 ? 0 : packet.getLong(0);
        words[1] = macs;
        words[2] = rest;
        int where = (ipv6 ? IPV6_BIT : 0) | (inPort << PORT_SHIFT) | protocol;
        words[3] = (ends << Integer.SIZE) | (where & 0xffff_ffffL);
        return true;
    }

    private boolean readIpv4(Packet packet, int network, int transport) {
        words[4] = packet.getLong(network + ADDRESSES_IPV4);
        words[5] = 0;
        words[6] = 0;
        words[7] = 0;
        return transport == network + Ipv4Header.LENGTH
                && (packet.getShort(network + FRAGMENT_BITS) & Ipv4Header.FRAGMENT_MASK) == 0;
    }

    /** Without extension headers there is no fragment. */
    private boolean readIpv6(Packet packet, int network, int transport) {
        int at = network + ADDRESSES_IPV6;
        words[4] = packet.getLong(at);
        words[5] = packet.getLong(at + Long.BYTES);
        words[6] = packet.getLong(at + 2 * Long.BYTES);
        words[7] = packet.getLong(at + 3 * Long.BYTES);
        return transport == network + Ipv6Header.LENGTH;
    }

    /** The ports as an unsigned number, or what stands for them in an echo; negative where there is no flow. */
    private static long ends(Packet packet, int protocol, int transport) {
        return switch (protocol) {
            case IpProtocol.UDP -> packet.getInt(transport) & 0xffff_ffffL;
            case IpProtocol.TCP -> {
                boolean established = (packet.getShort(transport + TCP_FLAGS) & DECIDING_FLAGS) == TcpHeader.ACK;
                yield established ? packet.getInt(transport) & 0xffff_ffffL : -1;
            }
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> {
                int typeAndCode = packet.getShort(transport);
                yield isEcho(protocol, typeAndCode) ? (long) typeAndCode << 16 | packet.getShort(transport + 4) : -1;
            }
            default -> -1;
        };
    }

    private static boolean isEcho(int protocol, int typeAndCode) {
        return protocol == IpProtocol.ICMP
                ? typeAndCode == 0x0800 || typeAndCode == 0
                : typeAndCode == 0x8000 || typeAndCode == 0x8100;
    }

    /** Whether a word of ends is that of an IPv6 flow. */
    static boolean isIpv6(long ends) {
        return ((int) ends & IPV6_BIT) != 0;
    }

    /** The ingress port in a word of ends. */
    static int inPort(long ends) {
        return ((int) ends & ~IPV6_BIT) >>> PORT_SHIFT;
    }

    /** Whether this is the same flow. */
    boolean equalTo(FlowKey other) {
        long[] theirs = other.words;
        long difference = 0;
        for (int i = 0; i < WORDS; i++) {
            difference |= words[i] ^ theirs[i];
        }
        return difference == 0;
    }

    /**
     * A hash of all words that nobody can foresee who does not know the seeds: flows that collide in one cache do so
     * in no other.
     */
    long hash(long[] seeds) {
        long hash = mix(words[0] ^ seeds[0], words[1] ^ seeds[1]) ^ mix(words[2] ^ seeds[2], words[3] ^ seeds[3]);
        long addresses = mix(words[4] ^ seeds[4], words[5] ^ seeds[5]);
        if ((words[6] | words[7]) != 0) {
            addresses ^= mix(words[6] ^ seeds[6], words[7] ^ seeds[7]);
        }
        return mix(hash ^ seeds[7], addresses ^ seeds[0]);
    }

    /** Both halves of the 128-bit product, folded: each bit of each factor reaches all bits. */
    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
