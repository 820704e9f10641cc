package dev.peregrine.fastpath;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import java.util.Arrays;

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

    private final long[] words;
    private final int from;

    /** A key of its own. */
    FlowKey() {
        this(new long[WORDS], 0);
    }

    /** A key in the eight words from {@code from}. */
    FlowKey(long[] words, int from) {
        this.words = words;
        this.from = from;
    }

    /** So many keys that lie side by side. */
    static FlowKey[] several(int count) {
        long[] words = new long[count * WORDS];
        FlowKey[] keys = new FlowKey[count];
        Arrays.setAll(keys, i -> new FlowKey(words, i * WORDS));
        return keys;
    }

    /** Word {@code i}. */
    long word(int i) {
        return words[from + i];
    }

    /** Becomes equal to another key. */
    void copyFrom(FlowKey other) {
        System.arraycopy(other.words, other.from, words, from, WORDS);
    }

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
        int network = packet.networkIndex();
        if (transport < network + Ipv4Header.LENGTH) {
            return false;
        }
        long head = packet.address(0, transport + UdpHeader.LENGTH);
        long macs = NativeMemory.getNetworkLong(head + frame);
        long rest = NativeMemory.getNetworkLong(head + frame + Long.BYTES);
        if (network == frame + EthernetHeader.LENGTH) {
            rest &= ~TAG_MASK;
        } else if (network != frame + EthernetHeader.LENGTH + EthernetHeader.VLAN_TAG_LENGTH) {
            return false;
        }
        int protocol = packet.protocol();
        long ends = ends(packet, protocol, transport, head + transport);
        if ((macs & GROUP_BIT) != 0 || ends < 0) {
            return false;
        }
        boolean ipv6 = NativeMemory.getByte(head + network) >>> 4 == 6;
        if (!(ipv6 ? readIpv6(head + network, transport - network) : readIpv4(head + network, transport - network))) {
            return false;
        }
        words[from] = frame == 0 ? 0 : NativeMemory.getNetworkLong(head);
        words[from + 1] = macs;
        words[from + 2] = rest;
        int where = (ipv6 ? IPV6_BIT : 0) | (inPort << PORT_SHIFT) | protocol;
        words[from + 3] = (ends << Integer.SIZE) | (where & 0xffff_ffffL);
        return true;
    }

    private boolean readIpv4(long header, int length) {
        words[from + 4] = NativeMemory.getNetworkLong(header + ADDRESSES_IPV4);
        words[from + 5] = 0;
        words[from + 6] = 0;
        words[from + 7] = 0;
        return length == Ipv4Header.LENGTH
                && (NativeMemory.getNetworkShort(header + FRAGMENT_BITS) & Ipv4Header.FRAGMENT_MASK) == 0;
    }

    /** Without extension headers there is no fragment. */
    private boolean readIpv6(long header, int length) {
        long at = header + ADDRESSES_IPV6;
        words[from + 4] = NativeMemory.getNetworkLong(at);
        words[from + 5] = NativeMemory.getNetworkLong(at + Long.BYTES);
        words[from + 6] = NativeMemory.getNetworkLong(at + 2 * Long.BYTES);
        words[from + 7] = NativeMemory.getNetworkLong(at + 3 * Long.BYTES);
        return length == Ipv6Header.LENGTH;
    }

    /** The ports as an unsigned number, or what stands for them in an echo; negative where there is no flow. */
    private static long ends(Packet packet, int protocol, int transport, long header) {
        return switch (protocol) {
            case IpProtocol.UDP -> NativeMemory.getNetworkInt(header) & 0xffff_ffffL;
            case IpProtocol.TCP -> {
                boolean established = (packet.getShort(transport + TCP_FLAGS) & DECIDING_FLAGS) == TcpHeader.ACK;
                yield established ? NativeMemory.getNetworkInt(header) & 0xffff_ffffL : -1;
            }
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> {
                int typeAndCode = NativeMemory.getNetworkShort(header);
                yield isEcho(protocol, typeAndCode)
                        ? (long) typeAndCode << 16 | NativeMemory.getNetworkShort(header + 4)
                        : -1;
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
        long difference = 0;
        for (int i = 0; i < WORDS; i++) {
            difference |= word(i) ^ other.word(i);
        }
        return difference == 0;
    }

    /**
     * A hash of all words that nobody can foresee who does not know the seeds: flows that collide in one cache do so
     * in no other.
     */
    long hash(long[] seeds) {
        long hash = mix(words[from] ^ seeds[0], words[from + 1] ^ seeds[1])
                ^ mix(words[from + 2] ^ seeds[2], words[from + 3] ^ seeds[3]);
        long addresses = mix(words[from + 4] ^ seeds[4], words[from + 5] ^ seeds[5]);
        if ((words[from + 6] | words[from + 7]) != 0) {
            addresses ^= mix(words[from + 6] ^ seeds[6], words[from + 7] ^ seeds[7]);
        }
        return mix(hash ^ seeds[7], addresses ^ seeds[0]);
    }

    /** Both halves of the 128-bit product, folded: each bit of each factor reaches all bits. */
    private static long mix(long a, long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
