package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.linux.sys.HugePages;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The identities of the flows in {@link FlowStates}: the fields of each flow's first packet, which a hash does not
 * reveal. Written when a flow gets its slot, read when flows are listed or chosen; so they are kept off the heap,
 * separate from the words that each packet reads.
 *
 * <pre>
 *   source address (2 words), IPv4 in the last 32 bits | destination address (2 words)
 *   63          32 31        16 15          0
 *  |    ports     |    kind    |            |   kind: that of {@link StateKey}
 *  | in (1 bit), VLANs and zone             |
 *  | source MAC (48 bits), destination MAC  |
 *  | (48 bits)    |  transport header (32)  |   its first bytes: ports, or ICMP type and code
 * </pre>
 *
 * <p>A record belongs to the generation of its slot's state: a reader checks the state before and after.
 */
final class FlowRecords {
    private static final int WORDS = 8;

    /** Bytes of a record, off the heap. */
    static final int BYTES = WORDS * Long.BYTES;

    private static final long IN = Long.MIN_VALUE;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private final long base;

    /** Frees the memory when no thread can reach the table any more. */
    @SuppressWarnings("UnusedVariable")
    private final Arena arena = Arena.ofAuto();

    /** Room for {@code records} records. */
    FlowRecords(int records) {
        base = HugePages.allocate(arena, (long) records * WORDS * Long.BYTES).address();
    }

    private long at(int record, int word) {
        return base + ((long) record * WORDS + word) * Long.BYTES;
    }

    /** Writes the record of a flow that begins with a packet. */
    void write(int record, StateKey key, Packet packet, boolean in) {
        int network = key.network();
        boolean ipv4 = !key.isIpv6();
        if (ipv4) {
            put(record, 0, 0, packet.getInt(network + Ipv4Header.SOURCE) & 0xffff_ffffL);
            put(record, 2, 0, packet.getInt(network + Ipv4Header.DESTINATION) & 0xffff_ffffL);
        } else {
            put(
                    record,
                    0,
                    packet.getLong(network + Ipv6Header.SOURCE),
                    packet.getLong(network + Ipv6Header.SOURCE_LOW));
            put(
                    record,
                    2,
                    packet.getLong(network + Ipv6Header.DESTINATION),
                    packet.getLong(network + Ipv6Header.DESTINATION_LOW));
        }
        long destination = packet.getMac(EthernetHeader.DESTINATION);
        put(record, 4, (long) key.ports() << 32 | (long) key.kind() << 16, key.zone() | (in ? IN : 0));
        put(
                record,
                6,
                packet.getMac(EthernetHeader.SOURCE) << 16 | destination >>> 32,
                destination << 32 | transport(packet));
    }

    private void put(int record, int word, long first, long second) {
        NativeMemory.putLong(at(record, word), first);
        NativeMemory.putLong(at(record, word + 1), second);
    }

    private static long transport(Packet packet) {
        return switch (packet.protocol()) {
            case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.ICMP, IpProtocol.ICMPV6 ->
                packet.getInt(packet.transportIndex()) & 0xffff_ffffL;
            default -> 0;
        };
    }

    private long get(int record, int word) {
        return NativeMemory.getLong(at(record, word));
    }

    /** The first four bytes of the transport header that a flow began with. */
    int transport(int record) {
        return (int) get(record, 7);
    }

    /** A flow as people see it: its state, and the ticks of silence behind it and before it. */
    TrackedFlow read(int record, long state, int idle, int left) {
        long ends = get(record, 4);
        long zone = get(record, 5);
        long macs = get(record, 6);
        long rest = get(record, 7);
        int kind = (int) (ends >>> 16) & 0xffff;
        boolean ipv6 = StateKey.isIpv6(kind);
        boolean fragments = (kind & StateKey.FRAGMENTS) != 0;
        int protocol = kind & 0xff;
        int ports = fragments ? isPorts(protocol) ? (int) rest : 0 : (int) (ends >>> 32);
        return new TrackedFlow(
                StateWord.segment(state),
                Zones.port((int) zone),
                zone < 0,
                macs >>> 16,
                (macs & 0xffff) << 32 | rest >>> 32,
                address(record, 0, ipv6),
                address(record, 2, ipv6),
                protocol,
                ports >>> 16,
                ports & 0xffff,
                StateWord.word(state),
                StateWord.isAssured(state),
                seconds(idle),
                seconds(left));
    }

    private static boolean isPorts(int protocol) {
        return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
    }

    private static long seconds(int ticks) {
        return ((long) ticks << StateWord.TICK_BITS) / 1_000_000_000L;
    }

    private InetAddress address(int record, int word, boolean ipv6) {
        byte[] bytes = new byte[IPV6_BYTES];
        ByteBuffer.wrap(bytes).putLong(get(record, word)).putLong(get(record, word + 1));
        byte[] address = ipv6 ? bytes : Arrays.copyOfRange(bytes, IPV6_BYTES - IPV4_BYTES, IPV6_BYTES);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("four or sixteen bytes are an address", e);
        }
    }
}
