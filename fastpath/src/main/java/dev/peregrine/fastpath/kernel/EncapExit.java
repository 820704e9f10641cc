package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Assembler.be16;
import static dev.peregrine.dataplane.bpf.Assembler.be32;
import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R4;
import static dev.peregrine.dataplane.bpf.Register.R5;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R8;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * The end of a program that puts the headers of the tunnel on by itself, and gives the datagram to the underlay's
 * device by the kernel's routes and neighbours. Over IPv4, without an outer UDP checksum (RFC 7348 section 5).
 *
 * <pre>
 *   | Ethernet: by redirect_neigh | IPv4: TOS, length, id, DF, TTL, addresses, checksum | UDP: ports, length, 0 | VXLAN | frame
 * </pre>
 *
 * <p>The kernel knows that a superframe is in a tunnel, and keeps it whole, or cuts it, as its own VXLAN device would
 * have it.
 */
final class EncapExit {
    private static final int ECN = 3;
    private static final int ECN_BITS = 2;
    private static final int ECT_0 = 2;
    private static final int IP = EthernetHeader.LENGTH;
    private static final int UDP = IP + Ipv4Header.LENGTH;
    private static final int VXLAN = UDP + UdpHeader.LENGTH;
    private static final int FRAME = VXLAN + Long.BYTES;
    private static final int VERSION_AND_LENGTH = Ipv4Header.WITHOUT_OPTIONS << Byte.SIZE;

    /** The longest frame whose datagram has a length that the IPv4 header can say. */
    private static final int LONGEST = 0xffff - FRAME + EthernetHeader.LENGTH;

    // Arguments of bpf_skb_adjust_room.
    private static final int ROOM_BEHIND_ETHERNET = 1;
    private static final long FIXED_GSO = 1;
    private static final long ENCAP_L3_IPV4 = 1 << 1;
    private static final long ENCAP_L4_UDP = 1 << 4;
    private static final long NO_CHECKSUM_RESET = 1 << 5;
    private static final long ENCAP_L2_ETHERNET = 1 << 6;
    private static final int ENCAP_L2_SHIFT = 56;

    private final Assembler a;
    private final TunnelEnd end;
    private final Label walks;
    private final Label refused;

    /** Frames that the kernel would not encapsulate go on at {@code walks}, unchanged. */
    EncapExit(Assembler assembler, TunnelEnd end, Label walks, Label refused) {
        if (!end.canEncapsulate()) {
            throw new IllegalArgumentException("programs encapsulate over IPv4 without outer checksums only: " + end);
        }
        a = assembler;
        this.end = end;
        this.walks = walks;
        this.refused = refused;
    }

    /** Wants R6 = context, R9 = slot. Loses the other registers. */
    void write() {
        room();
        addresses();
        traffic();
        lengths();
        checksum();
        udp();
        vxlan();
    }

    private void room() {
        a.load(WORD, R1, R6, SkBuff.LEN).jumpIf(R1, ABOVE, LONGEST, walks);
        a.load(WORD, R1, R6, SkBuff.VLAN_PRESENT).jumpIf(R1, NOT_EQUAL, 0, walks);
        a.move(R1, R6).move(R2, FRAME).move(R3, ROOM_BEHIND_ETHERNET);
        a.move64(
                R4,
                FIXED_GSO
                        | NO_CHECKSUM_RESET
                        | ENCAP_L3_IPV4
                        | ENCAP_L4_UDP
                        | ENCAP_L2_ETHERNET
                        | (long) EthernetHeader.LENGTH << ENCAP_L2_SHIFT);
        a.call(KernelFunction.SKB_ADJUST_ROOM).jumpIf(R0, NOT_EQUAL, 0, walks);
        a.load(WORD, R7, R6, SkBuff.DATA).load(WORD, R8, R6, SkBuff.DATA_END);
        a.move(R1, R7).add(R1, FRAME + EthernetHeader.LENGTH).jumpIf(R1, ABOVE, R8, refused);
    }

    /** R5 = sum of the words of the IPv4 header so far. */
    private void addresses() {
        a.load(WORD, R1, R9, Slot.REMOTE)
                .move(R5, R1)
                .and(R5, 0xffff)
                .move(R2, R1)
                .shiftRight(R2, Short.SIZE)
                .add(R5, R2);
        a.networkOrder(R1, Integer.SIZE).store(WORD, R7, IP + Ipv4Header.DESTINATION, R1);
        a.store(WORD, R7, IP + Ipv4Header.SOURCE, end.localWord(0));
        int local = be32(end.localWord(0));
        int flags = end.df() ? Ipv4Header.DONT_FRAGMENT : 0;
        a.add(R5, VERSION_AND_LENGTH + flags + IpProtocol.UDP + (local >>> Short.SIZE) + (local & 0xffff));
        a.store(HALF, R7, IP + Ipv4Header.FRAGMENT_BITS, be16(flags));
    }

    /** TOS and TTL; an inner TTL of zero becomes one: zero cannot be sent. */
    private void traffic() {
        a.load(DOUBLE, R1, R10, Stack.TOS);
        if (!end.marksSurvive()) {
            Label unmarked = a.label("unmarked");
            a.move(R2, R1).and(R2, ECN).jumpIf(R2, NOT_EQUAL, ECN, unmarked).xor(R1, ECN ^ ECT_0);
            a.place(unmarked);
        }
        if (end.dscp() != TunnelEnd.INHERIT) {
            a.and(R1, ECN).or(R1, end.dscp() << ECN_BITS);
        }
        a.add(R5, R1).store(BYTE, R7, IP + Ipv4Header.TOS, R1).store(BYTE, R7, IP, Ipv4Header.WITHOUT_OPTIONS);
        end.loadTtl(a);
        a.store(BYTE, R7, IP + Ipv4Header.TTL, R1).store(BYTE, R7, IP + Ipv4Header.PROTOCOL, IpProtocol.UDP);
        a.shiftLeft(R1, Byte.SIZE).add(R5, R1);
    }

    /**
     * Of IPv4 and UDP. The identification matters where the datagram may be cut; the kernel numbers those of a
     * superframe.
     */
    private void lengths() {
        a.load(WORD, R1, R6, SkBuff.LEN)
                .subtract(R1, IP)
                .add(R5, R1)
                .move(R2, R1)
                .subtract(R2, Ipv4Header.LENGTH);
        a.networkOrder(R1, Short.SIZE).store(HALF, R7, IP + Ipv4Header.TOTAL_LENGTH, R1);
        a.networkOrder(R2, Short.SIZE).store(HALF, R7, UDP + UdpHeader.DATAGRAM_LENGTH, R2);
        if (end.df()) {
            a.store(HALF, R7, IP + Ipv4Header.ID, 0);
            return;
        }
        a.store(DOUBLE, R10, Stack.ARGUMENT, R5)
                .call(KernelFunction.GET_PRANDOM_U32)
                .and(R0, 0xffff);
        a.load(DOUBLE, R5, R10, Stack.ARGUMENT).add(R5, R0).networkOrder(R0, Short.SIZE);
        a.store(HALF, R7, IP + Ipv4Header.ID, R0);
    }

    private void checksum() {
        a.move(R1, R5);
        Checksum.fold(a, 2);
        a.xor(R1, 0xffff).networkOrder(R1, Short.SIZE).store(HALF, R7, IP + Ipv4Header.CHECKSUM, R1);
    }

    private void udp() {
        a.load(HALF, R1, R9, Slot.SOURCE_PORT).store(HALF, R7, UDP + UdpHeader.SOURCE_PORT, R1);
        a.store(HALF, R7, UDP + UdpHeader.DESTINATION_PORT, be16(end.port()));
        a.store(HALF, R7, UDP + UdpHeader.CHECKSUM, 0);
    }

    /** And the Ethernet header of the frame: the kernel has kept it as the outer one. */
    private void vxlan() {
        a.store(WORD, R7, VXLAN, be32(HelperProgram.VXLAN_FLAGS));
        a.load(WORD, R1, R9, Slot.VNI).shiftLeft(R1, Byte.SIZE).networkOrder(R1, Integer.SIZE);
        a.store(WORD, R7, VXLAN + Integer.BYTES, R1);
        a.load(DOUBLE, R1, R10, Stack.KEY + KernelKey.MACS).store(DOUBLE, R7, FRAME, R1);
        a.load(WORD, R1, R10, Stack.KEY + KernelKey.REST).store(WORD, R7, FRAME + Long.BYTES, R1);
        a.load(HALF, R1, R10, Stack.KEY + KernelKey.TYPE).store(HALF, R7, FRAME + EthernetHeader.ETHER_TYPE, R1);
    }

    /** To the next hop, by the underlay's device. */
    void leave() {
        a.load(WORD, R1, R9, Slot.IFINDEX).move(R2, 0).move(R3, 0).move(R4, 0);
        a.call(KernelFunction.REDIRECT_NEIGH).exit();
    }
}
