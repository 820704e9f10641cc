package dev.peregrine.fastpath;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.Mix;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import java.util.Arrays;

/**
 * The properties that make two packets the same flow: all fields that the chain's decisions depend on, in eight words.
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
 * lengths are not in it: a packet whose flags matter to other packets has no key, see {@link #read}.
 */
public final class FlowKey {
    /** Words of a key. */
    public static final int WORDS = 8;

    /** Bytes of the tunnel headers that a key includes. */
    static final int TUNNEL_BYTES = Long.BYTES;

    private static final long GROUP_BIT = EthernetHeader.GROUP_BIT << Short.SIZE;
    private static final long TAG_MASK = 0xffff;
    private static final int IPV6_BIT = 1 << 31;
    private static final int PORT_SHIFT = 8;
    private static final int DECIDING_FLAGS = TcpHeader.SYN | TcpHeader.FIN | TcpHeader.RST | TcpHeader.ACK;

    long tunnel;
    long macs;
    long rest;
    long ends;
    long address0;
    long address1;
    long address2;
    long address3;

    /** A key that is not of any packet yet. */
    public FlowKey() {}

    /** Makes {@code count} keys. */
    static FlowKey[] several(int count) {
        FlowKey[] keys = new FlowKey[count];
        Arrays.setAll(keys, i -> new FlowKey());
        return keys;
    }

    /** Becomes equal to another key. */
    void copyFrom(FlowKey other) {
        tunnel = other.tunnel;
        macs = other.macs;
        rest = other.rest;
        ends = other.ends;
        address0 = other.address0;
        address1 = other.address1;
        address2 = other.address2;
        address3 = other.address3;
    }

    /**
     * Reads the key of a dissected packet.
     *
     * @param frame index of the inner frame: 0, or {@link #TUNNEL_BYTES}
     * @param inPort the ingress port, not negative
     * @return false, and no key, for packets that always walk the chain: frames other than unicast IPv4 and IPv6 with
     *     TCP, UDP or ICMP echo; more than one VLAN tag; fragments; IPv4 options and IPv6 extension headers; TCP
     *     segments that open or close a connection
     */
    public boolean read(Packet packet, int frame, int inPort) {
        return readAny(packet, frame, inPort) && !decides(packet);
    }

    /** Whether a packet whose key was read is a TCP segment that opens or closes a connection, or resets it. */
    private static boolean decides(Packet packet) {
        return packet.protocol() == IpProtocol.TCP
                && (packet.getShort(packet.transportIndex() + TcpHeader.OFFSET_AND_FLAGS) & DECIDING_FLAGS)
                        != TcpHeader.ACK;
    }

    /** As {@link #read}, but TCP segments that open or close a connection have a key, too: that of their flow. */
    boolean readAny(Packet packet, int frame, int inPort) {
        int transport = packet.transportIndex();
        int network = packet.networkIndex();
        if (transport < network + Ipv4Header.LENGTH || packet.headLength() < transport + UdpHeader.LENGTH) {
            return false; // other protocols may have fewer bytes than that
        }
        long head = packet.address(0, transport + UdpHeader.LENGTH);
        macs = NativeMemory.getNetworkLong(head + frame);
        rest = NativeMemory.getNetworkLong(head + frame + Long.BYTES);
        if (network == frame + EthernetHeader.LENGTH) {
            rest &= ~TAG_MASK;
        } else if (network != frame + EthernetHeader.LENGTH + VlanTags.LENGTH) {
            return false;
        }
        int protocol = packet.protocol();
        long pair = ends(protocol, head + transport, packet.headLength() - transport);
        if ((macs & GROUP_BIT) != 0 || pair < 0) {
            return false;
        }
        boolean ipv6 = NativeMemory.getByte(head + network) >>> 4 == 6;
        if (!(ipv6 ? readIpv6(head + network, transport - network) : readIpv4(head + network, transport - network))) {
            return false;
        }
        tunnel = frame == 0 ? 0 : NativeMemory.getNetworkLong(head);
        int where = (ipv6 ? IPV6_BIT : 0) | (inPort << PORT_SHIFT) | protocol;
        ends = (pair << Integer.SIZE) | (where & 0xffff_ffffL);
        return true;
    }

    private boolean readIpv4(long header, int length) {
        address0 = NativeMemory.getNetworkLong(header + Ipv4Header.SOURCE);
        address1 = 0;
        address2 = 0;
        address3 = 0;
        return length == Ipv4Header.LENGTH
                && (NativeMemory.getNetworkShort(header + Ipv4Header.FRAGMENT_BITS) & Ipv4Header.FRAGMENT_MASK) == 0;
    }

    /** Without extension headers there is no fragment. */
    private boolean readIpv6(long header, int length) {
        long at = header + Ipv6Header.SOURCE;
        address0 = NativeMemory.getNetworkLong(at);
        address1 = NativeMemory.getNetworkLong(at + Long.BYTES);
        address2 = NativeMemory.getNetworkLong(at + 2 * Long.BYTES);
        address3 = NativeMemory.getNetworkLong(at + 3 * Long.BYTES);
        return length == Ipv6Header.LENGTH;
    }

    /** The ports as an unsigned number, or type, code and identifier of an echo; negative where there is no flow. */
    private static long ends(int protocol, long header, int length) {
        return switch (protocol) {
            case IpProtocol.UDP -> NativeMemory.getNetworkInt(header) & 0xffff_ffffL;
            case IpProtocol.TCP -> length < TcpHeader.LENGTH ? -1 : NativeMemory.getNetworkInt(header) & 0xffff_ffffL;
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> {
                int typeAndCode = NativeMemory.getNetworkShort(header);
                yield isEcho(protocol, typeAndCode)
                        ? (long) typeAndCode << 16 | NativeMemory.getNetworkShort(header + IcmpHeader.ID)
                        : -1;
            }
            default -> -1;
        };
    }

    /** Only echo messages of code 0 are of flows. */
    private static boolean isEcho(int protocol, int typeAndCode) {
        return (typeAndCode & 0xff) == 0 && IcmpHeader.isEcho(typeAndCode >>> 8, protocol == IpProtocol.ICMPV6);
    }

    /** Whether a word of ends is that of an IPv6 flow. */
    static boolean isIpv6(long ends) {
        return ((int) ends & IPV6_BIT) != 0;
    }

    /** The ingress port in a word of ends. */
    static int protocol(long ends) {
        return (int) ends & 0xff;
    }

    static int inPort(long ends) {
        return ((int) ends & ~IPV6_BIT) >>> PORT_SHIFT;
    }

    /** Whether a word {@code rest} is that of frames with a VLAN tag. */
    static boolean isTagged(long rest) {
        int type = (int) (rest >>> 16) & 0xffff;
        return type == EthernetHeader.VLAN || type == EthernetHeader.SERVICE_VLAN;
    }

    /** Whether this is the same flow. */
    boolean equalTo(FlowKey other) {
        return ((tunnel ^ other.tunnel)
                        | (macs ^ other.macs)
                        | (rest ^ other.rest)
                        | (ends ^ other.ends)
                        | (address0 ^ other.address0)
                        | (address1 ^ other.address1)
                        | (address2 ^ other.address2)
                        | (address3 ^ other.address3))
                == 0;
    }

    /** Whether this is the flow whose key was {@link #write written} to an address. */
    boolean isAt(long at) {
        return ((tunnel ^ NativeMemory.getLong(at))
                        | (macs ^ NativeMemory.getLong(at + Long.BYTES))
                        | (rest ^ NativeMemory.getLong(at + 2 * Long.BYTES))
                        | (ends ^ NativeMemory.getLong(at + 3 * Long.BYTES))
                        | (address0 ^ NativeMemory.getLong(at + 4 * Long.BYTES))
                        | (address1 ^ NativeMemory.getLong(at + 5 * Long.BYTES))
                        | (address2 ^ NativeMemory.getLong(at + 6 * Long.BYTES))
                        | (address3 ^ NativeMemory.getLong(at + 7 * Long.BYTES)))
                == 0;
    }

    /** Word {@code i}, from 0, in the order of the picture above. */
    public long word(int i) {
        return switch (i) {
            case 0 -> tunnel;
            case 1 -> macs;
            case 2 -> rest;
            case 3 -> ends;
            case 4 -> address0;
            case 5 -> address1;
            case 6 -> address2;
            case 7 -> address3;
            default -> throw new IndexOutOfBoundsException(i);
        };
    }

    /** Writes the words to an address, each in the machine's byte order. */
    void write(long at) {
        NativeMemory.putLong(at, tunnel);
        NativeMemory.putLong(at + Long.BYTES, macs);
        NativeMemory.putLong(at + 2 * Long.BYTES, rest);
        NativeMemory.putLong(at + 3 * Long.BYTES, ends);
        NativeMemory.putLong(at + 4 * Long.BYTES, address0);
        NativeMemory.putLong(at + 5 * Long.BYTES, address1);
        NativeMemory.putLong(at + 6 * Long.BYTES, address2);
        NativeMemory.putLong(at + 7 * Long.BYTES, address3);
    }

    /**
     * A hash of all words that no one can predict without the seeds: flows that collide in one cache do so in no other.
     */
    long hash(long[] seeds) {
        long hash = Mix.fold(tunnel ^ seeds[0], macs ^ seeds[1]) ^ Mix.fold(rest ^ seeds[2], ends ^ seeds[3]);
        long addresses = Mix.fold(address0 ^ seeds[4], address1 ^ seeds[5]);
        if ((address2 | address3) != 0) {
            addresses ^= Mix.fold(address2 ^ seeds[6], address3 ^ seeds[7]);
        }
        return Mix.fold(hash ^ seeds[7], addresses ^ seeds[0]);
    }
}
