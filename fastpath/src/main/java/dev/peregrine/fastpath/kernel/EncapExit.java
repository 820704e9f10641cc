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
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R8;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * The end of a program that puts the headers of the tunnel on by itself, and gives the datagram to the underlay's
 * device by the kernel's routes and neighbours. The outer UDP checksum is zero, as RFC 7348 section 5 has it, and RFC
 * 6935 allows it over IPv6.
 *
 * <pre>
 *   | Ethernet: by redirect_neigh | {@link OuterHeader}: IPv4 or IPv6 | UDP: ports, length, 0 | VXLAN | frame
 * </pre>
 *
 * <p>The kernel knows that a superframe is in a tunnel, and keeps it whole, or cuts it, as its own VXLAN device would
 * have it.
 */
final class EncapExit {
    private static final int VXLAN_BYTES = 8;

    // Arguments of bpf_skb_adjust_room.
    private static final int ROOM_BEHIND_ETHERNET = 1;
    private static final long FIXED_GSO = 1;
    private static final long ENCAP_L4_UDP = 1 << 4;
    private static final long NO_CHECKSUM_RESET = 1 << 5;
    private static final long ENCAP_L2_ETHERNET = 1 << 6;
    private static final int ENCAP_L2_SHIFT = 56;

    private final Assembler a;
    private final TunnelEnd end;
    private final OuterHeader header;
    private final int udp;
    private final int vxlan;
    private final int frame;
    private final Label walks;
    private final Label refused;

    /** Frames that the kernel would not encapsulate go on at {@code walks}, unchanged. */
    EncapExit(Assembler assembler, TunnelEnd end, Label walks, Label refused) {
        if (!end.canEncapsulate()) {
            throw new IllegalArgumentException("programs encapsulate without outer checksums only: " + end);
        }
        a = assembler;
        this.end = end;
        header = end.isIpv6() ? new OuterIpv6(assembler, end) : new OuterIpv4(assembler, end);
        udp = EthernetHeader.LENGTH + header.length();
        vxlan = udp + UdpHeader.LENGTH;
        frame = vxlan + VXLAN_BYTES;
        this.walks = walks;
        this.refused = refused;
    }

    /** Wants R6 = context, R9 = slot. Loses the other registers. */
    void write() {
        room();
        header.write();
        udp();
        vxlan();
    }

    private void room() {
        a.load(WORD, R1, R6, SkBuff.LEN).jumpIf(R1, ABOVE, header.mostBytes() - (frame - udp), walks);
        a.load(WORD, R1, R6, SkBuff.VLAN_PRESENT).jumpIf(R1, NOT_EQUAL, 0, walks);
        a.move(R1, R6).move(R2, frame).move(R3, ROOM_BEHIND_ETHERNET);
        a.move64(
                R4,
                FIXED_GSO
                        | NO_CHECKSUM_RESET
                        | header.roomFlag()
                        | ENCAP_L4_UDP
                        | ENCAP_L2_ETHERNET
                        | (long) EthernetHeader.LENGTH << ENCAP_L2_SHIFT);
        a.call(KernelFunction.SKB_ADJUST_ROOM).jumpIf(R0, NOT_EQUAL, 0, walks);
        a.load(WORD, R7, R6, SkBuff.DATA).load(WORD, R8, R6, SkBuff.DATA_END);
        a.move(R1, R7).add(R1, frame + EthernetHeader.LENGTH).jumpIf(R1, ABOVE, R8, refused);
    }

    private void udp() {
        a.load(HALF, R1, R9, Slot.SOURCE_PORT).store(HALF, R7, udp + UdpHeader.SOURCE_PORT, R1);
        a.store(HALF, R7, udp + UdpHeader.DESTINATION_PORT, be16(end.port()));
        a.store(HALF, R7, udp + UdpHeader.CHECKSUM, 0);
    }

    /** And the Ethernet header of the frame: the kernel has kept it as the outer one. */
    private void vxlan() {
        a.store(WORD, R7, vxlan, be32(HelperProgram.VXLAN_FLAGS));
        a.load(WORD, R1, R9, Slot.VNI).shiftLeft(R1, Byte.SIZE).networkOrder(R1, Integer.SIZE);
        a.store(WORD, R7, vxlan + Integer.BYTES, R1);
        a.load(DOUBLE, R1, R10, Stack.KEY + KernelKey.MACS).store(DOUBLE, R7, frame, R1);
        a.load(WORD, R1, R10, Stack.KEY + KernelKey.REST).store(WORD, R7, frame + Long.BYTES, R1);
        a.load(HALF, R1, R10, Stack.KEY + KernelKey.TYPE).store(HALF, R7, frame + EthernetHeader.ETHER_TYPE, R1);
    }

    /** To the next hop, by the underlay's device. */
    void leave() {
        a.load(WORD, R1, R9, Slot.IFINDEX).move(R2, 0).move(R3, 0).move(R4, 0);
        a.call(KernelFunction.REDIRECT_NEIGH).exit();
    }
}
