package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Assembler.be16;
import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.ANY_BIT;
import static dev.peregrine.dataplane.bpf.Condition.AT_MOST;
import static dev.peregrine.dataplane.bpf.Condition.BELOW;
import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R8;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IcmpHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.fastpath.kernel.table.KernelKey;

/**
 * The part of a program that reads an Ethernet frame: leaves on the {@link Stack} the key without tunnel and ingress
 * (protocol and IPv6 bit are in the ingress word), TOS, TTL, the length of all headers, and whether the packet walks
 * because it opens or closes a TCP connection.
 *
 * <pre>
 *   Ethernet ─┬─ tag ─┬─ IPv4 ─┬─ TCP ──┐
 *             └───────┴─ IPv6 ─┼─ UDP ──┼─ go on
 *                              └─ echo ─┘        all else: {@code none}, as {@link dev.peregrine.fastpath.FlowKey#read}
 * </pre>
 *
 * <p>Wants R6 = context; sets R7 = data, R8 = its end.
 */
final class FrameParser {
    private static final int TAG_BITS = Short.SIZE;
    private static final int GROUP_BIT = 1;
    private static final int DECIDING_FLAGS = TcpHeader.SYN | TcpHeader.FIN | TcpHeader.RST | TcpHeader.ACK;

    private final Assembler a;
    private final Label none;
    private int labels;

    /** Packets that are of no flow go on at {@code none}. */
    FrameParser(Assembler assembler, Label none) {
        a = assembler;
        this.none = none;
    }

    private Label label(String name) {
        return a.label(name + labels++);
    }

    /** R7 and R8: what of the frame lies in one piece. */
    void data() {
        a.load(WORD, R7, R6, SkBuff.DATA).load(WORD, R8, R6, SkBuff.DATA_END);
    }

    /** The first bytes of the frame in one piece, or {@code none}. R0 to R5 are lost. */
    void need(int bytes) {
        Label there = label("there");
        a.move(R1, R7).add(R1, bytes).jumpIf(R1, AT_MOST, R8, there);
        a.move(R1, R6).move(R2, bytes).call(KernelFunction.SKB_PULL_DATA).jumpIf(R0, NOT_EQUAL, 0, none);
        data();
        a.move(R1, R7).add(R1, bytes).jumpIf(R1, ABOVE, R8, none);
        a.place(there);
    }

    /**
     * Reads the frame that begins at {@code frame}.
     *
     * @param hasTagsInside whether a VLAN tag is part of the bytes; otherwise the kernel has it, see {@link #kernelTag}
     */
    void frame(int frame, boolean hasTagsInside) {
        need(frame + EthernetHeader.LENGTH + Ipv4Header.LENGTH + UdpHeader.LENGTH);
        a.store(DOUBLE, R10, Stack.WALKS, 0);
        a.load(BYTE, R1, R7, frame).jumpIf(R1, ANY_BIT, GROUP_BIT, none);
        a.load(DOUBLE, R1, R7, frame).store(DOUBLE, R10, Stack.KEY + KernelKey.MACS, R1);
        a.load(DOUBLE, R1, R7, frame + Long.BYTES).store(DOUBLE, R10, Stack.KEY + KernelKey.REST, R1);
        if (!hasTagsInside) {
            a.store(HALF, R10, Stack.KEY + KernelKey.TAG, 0);
            network(frame, EthernetHeader.LENGTH);
            return;
        }
        Label tagged = label("tagged");
        Label read = label("read");
        a.load(HALF, R1, R7, frame + EthernetHeader.ETHER_TYPE)
                .jumpIf(R1, EQUAL, be16(EthernetHeader.VLAN), tagged)
                .jumpIf(R1, EQUAL, be16(EthernetHeader.SERVICE_VLAN), tagged);
        a.store(HALF, R10, Stack.KEY + KernelKey.TAG, 0);
        network(frame, EthernetHeader.LENGTH);
        a.jump(read).place(tagged);
        need(frame + EthernetHeader.LENGTH + VlanTags.LENGTH + Ipv4Header.LENGTH + UdpHeader.LENGTH);
        network(frame, EthernetHeader.LENGTH + VlanTags.LENGTH);
        a.place(read);
    }

    /** A tag that the kernel keeps beside the frame goes into the key as if it were in the frame. */
    void kernelTag() {
        Label untagged = label("untagged");
        a.load(WORD, R1, R6, SkBuff.VLAN_PRESENT).jumpIf(R1, EQUAL, 0, untagged);
        a.load(WORD, R1, R6, SkBuff.VLAN_PROTO).store(HALF, R10, Stack.KEY + KernelKey.TYPE, R1);
        a.load(WORD, R1, R6, SkBuff.VLAN_TCI).networkOrder(R1, TAG_BITS);
        a.store(HALF, R10, Stack.KEY + KernelKey.TAG, R1);
        a.load(DOUBLE, R1, R10, Stack.HEADERS).add(R1, VlanTags.LENGTH).store(DOUBLE, R10, Stack.HEADERS, R1);
        a.place(untagged);
    }

    private void network(int frame, int link) {
        Label ipv6 = label("ipv6");
        Label done = label("done");
        int type = frame + link - Short.BYTES;
        a.load(HALF, R1, R7, type).jumpIf(R1, EQUAL, be16(EthernetHeader.IPV6), ipv6);
        a.jumpIf(R1, NOT_EQUAL, be16(EthernetHeader.IPV4), none);
        ipv4(frame, link, done);
        a.place(ipv6);
        ipv6(frame, link, done);
        a.place(done);
    }

    private void ipv4(int frame, int link, Label done) {
        int ip = frame + link;
        a.load(BYTE, R1, R7, ip).jumpIf(R1, NOT_EQUAL, Ipv4Header.WITHOUT_OPTIONS, none);
        a.load(HALF, R1, R7, ip + Ipv4Header.FRAGMENT_BITS)
                .and(R1, be16(Ipv4Header.FRAGMENT_MASK))
                .jumpIf(R1, NOT_EQUAL, 0, none);
        a.load(BYTE, R1, R7, ip + Ipv4Header.TOS).store(DOUBLE, R10, Stack.TOS, R1);
        a.load(BYTE, R1, R7, ip + Ipv4Header.TTL).store(DOUBLE, R10, Stack.TTL, R1);
        a.load(DOUBLE, R1, R7, ip + Ipv4Header.SOURCE).store(DOUBLE, R10, Stack.KEY + KernelKey.ADDRESSES, R1);
        for (int i = 1; i < 4; i++) {
            a.store(DOUBLE, R10, Stack.KEY + KernelKey.ADDRESSES + i * Long.BYTES, 0);
        }
        a.load(HALF, R2, R7, ip + Ipv4Header.TOTAL_LENGTH).networkOrder(R2, Short.SIZE);
        endsWithinFrame(ip);
        a.jumpIf(R2, BELOW, Ipv4Header.LENGTH, none).subtract(R2, Ipv4Header.LENGTH);
        a.load(BYTE, R3, R7, ip + Ipv4Header.PROTOCOL);
        a.store(WORD, R10, Stack.KEY + KernelKey.INGRESS, R3);
        transport(frame, ip + Ipv4Header.LENGTH, done);
    }

    private void ipv6(int frame, int link, Label done) {
        int ip = frame + link;
        need(ip + Ipv6Header.LENGTH + UdpHeader.LENGTH);
        a.load(HALF, R1, R7, ip).networkOrder(R1, Short.SIZE).move(R2, R1);
        a.shiftRight(R2, 12).jumpIf(R2, NOT_EQUAL, 6, none);
        a.shiftRight(R1, 4).and(R1, 0xff).store(DOUBLE, R10, Stack.TOS, R1);
        a.load(BYTE, R1, R7, ip + Ipv6Header.HOP_LIMIT).store(DOUBLE, R10, Stack.TTL, R1);
        for (int i = 0; i < 4; i++) {
            a.load(DOUBLE, R1, R7, ip + Ipv6Header.SOURCE + i * Long.BYTES);
            a.store(DOUBLE, R10, Stack.KEY + KernelKey.ADDRESSES + i * Long.BYTES, R1);
        }
        a.load(HALF, R2, R7, ip + Ipv6Header.PAYLOAD_LENGTH).networkOrder(R2, Short.SIZE);
        endsWithinFrame(ip + Ipv6Header.LENGTH);
        a.load(BYTE, R3, R7, ip + Ipv6Header.NEXT_HEADER)
                .move(R1, R3)
                .move32(R0, KernelKey.IPV6_BIT)
                .or(R1, R0);
        a.store(WORD, R10, Stack.KEY + KernelKey.INGRESS, R1);
        transport(frame, ip + Ipv6Header.LENGTH, done);
    }

    /** R2 bytes from {@code start} on are within the frame; padding may follow. */
    private void endsWithinFrame(int start) {
        a.load(WORD, R1, R6, SkBuff.LEN).subtract(R1, start).jumpIf(R2, ABOVE, R1, none);
        a.subtract(R1, R2).store(DOUBLE, R10, Stack.PADDING, R1);
    }

    /** R2 = bytes of the transport header and its payload, R3 = protocol. */
    private void transport(int frame, int at, Label done) {
        Label ports = label("ports");
        Label echo = label("echo");
        Label echo6 = label("echo6");
        a.jumpIf(R2, BELOW, UdpHeader.LENGTH, none);
        a.store(DOUBLE, R10, Stack.HEADERS, at - frame + UdpHeader.LENGTH);
        a.jumpIf(R3, EQUAL, IpProtocol.UDP, ports).jumpIf(R3, EQUAL, IpProtocol.ICMP, echo);
        a.jumpIf(R3, EQUAL, IpProtocol.ICMPV6, echo6);
        a.jumpIf(R3, NOT_EQUAL, IpProtocol.TCP, none).jumpIf(R2, BELOW, TcpHeader.LENGTH, none);
        need(at + TcpHeader.LENGTH);
        a.load(BYTE, R1, R7, at + TcpHeader.OFFSET_AND_FLAGS).shiftRight(R1, 4).shiftLeft(R1, 2);
        a.add(R1, at - frame).store(DOUBLE, R10, Stack.HEADERS, R1);
        a.load(BYTE, R1, R7, at + TcpHeader.FLAGS).and(R1, DECIDING_FLAGS).jumpIf(R1, EQUAL, TcpHeader.ACK, ports);
        a.store(DOUBLE, R10, Stack.WALKS, 1);
        a.place(ports)
                .load(WORD, R1, R7, at)
                .store(WORD, R10, Stack.KEY + KernelKey.ENDS, R1)
                .jump(done);
        a.place(echo);
        echo(at, IcmpHeader.ECHO_REQUEST, IcmpHeader.ECHO_REPLY);
        a.jump(done).place(echo6);
        echo(at, IcmpHeader.ECHO_REQUEST_V6, IcmpHeader.ECHO_REPLY_V6);
        a.jump(done);
    }

    private void echo(int at, int request, int reply) {
        Label isEcho = label("isEcho");
        a.load(HALF, R1, R7, at).jumpIf(R1, EQUAL, be16(request << Byte.SIZE), isEcho);
        a.jumpIf(R1, NOT_EQUAL, be16(reply << Byte.SIZE), none);
        a.place(isEcho).store(HALF, R10, Stack.KEY + KernelKey.ENDS, R1);
        a.load(HALF, R1, R7, at + IcmpHeader.ID).store(HALF, R10, Stack.KEY + KernelKey.ENDS + Short.BYTES, R1);
    }
}
