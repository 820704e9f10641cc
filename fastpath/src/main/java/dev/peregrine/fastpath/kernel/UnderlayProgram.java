package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Assembler.be16;
import static dev.peregrine.dataplane.bpf.Assembler.be32;
import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
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
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.UdpHeader;

/**
 * Where datagrams come in, at the ingress hook of the underlay's device: takes frames of known flows out of the tunnel
 * and puts them into the namespace of their port.
 *
 * <pre>
 *   before   | Ethernet 14 | IPv4 20 or IPv6 40 | UDP 8 | VXLAN 8 | Ethernet 14 | IP …
 *   after                                                         | Ethernet 14 | IP …    ECN by RFC 6040
 * </pre>
 *
 * <p>It takes over what the kernel's IP and UDP would check: host address, lengths, IPv4 header checksum, no fragment.
 * An outer UDP checksum is not checked, as RFC 7348 section 5 allows; inner checksums are the workload's to check.
 *
 * <p>Reserved bits of the VXLAN header must be 0: others walk. The kernel before 2026 cannot take a tunnel off a superframe in a program: what it knows of the tunnel would stay with
 * the frame, and plain sockets would lose it. So a superframe goes on to the kernel's VXLAN device, and {@link
 * HelperProgram} sends it where it belongs. Once one has, all packets of its flow take this way, or a packet would
 * overtake the superframe, which waits there for a moment. Frames with a VLAN tag go there, too: the kernel keeps tags
 * beside the frame.
 */
public final class UnderlayProgram {
    private static final int UDP4 = EthernetHeader.LENGTH + Ipv4Header.LENGTH;
    private static final int UDP6 = EthernetHeader.LENGTH + Ipv6Header.LENGTH;
    private static final int VXLAN = 8;

    /** Behind the VNI. */
    private static final int VXLAN_RESERVED = 7;

    private static final int ECN = 3;
    private static final int ECT_1 = 1;
    private static final int ECT_0 = 2;

    // Arguments of bpf_skb_adjust_room and bpf_skb_store_bytes.
    private static final int ROOM_BEHIND_ETHERNET = 1;
    private static final int DECAP_L3_IPV4 = 0x80;
    private static final int DECAP_L3_IPV6 = 0x100;
    private static final int RECOMPUTE_CHECKSUM = 1;

    private final Assembler a = new Assembler("pg_underlay");
    private final Label next = a.label("next");
    private final FrameParser parser = new FrameParser(a, next);
    private final FlowMatch flow;
    private final KernelTables tables;
    private final TunnelEnd end;
    private final Label refused = a.label("refused");
    private final Label toHelper = a.label("toHelper");

    private final boolean hasHelper;

    private UnderlayProgram(KernelTables tables, TunnelEnd end, boolean hasHelper) {
        this.tables = tables;
        this.end = end;
        this.hasHelper = hasHelper;
        flow = new FlowMatch(a, tables, next);
        flow.mark();
    }

    /** The program for datagrams to an address. */
    public static Program of(KernelTables tables, TunnelEnd end) {
        return new UnderlayProgram(tables, end, /* hasHelper= */ true).assemble();
    }

    /** The same without a helper device: superframes and tagged frames walk. */
    public static Program alone(KernelTables tables, TunnelEnd end) {
        return new UnderlayProgram(tables, end, /* hasHelper= */ false).assemble();
    }

    private Program assemble() {
        int udp = end.isIpv6() ? UDP6 : UDP4;
        int frame = udp + UdpHeader.LENGTH + VXLAN;
        a.move(R6, R1).load(WORD, R1, R6, SkBuff.PKT_TYPE).jumpIf(R1, NOT_EQUAL, 0, next);
        parser.data();
        parser.need(frame + EthernetHeader.LENGTH + Ipv4Header.LENGTH + UdpHeader.LENGTH);
        if (end.isIpv6()) {
            outerIpv6();
        } else {
            outerIpv4();
        }
        vxlan(udp);
        parser.frame(frame, /* hasTagsInside= */ true);
        ingress();
        lengths(frame);
        congestion();
        if (!hasHelper) {
            othersWalk();
        }
        flow.match();
        if (hasHelper) {
            wayOfSuperframes();
        }
        decapsulate(frame);
        a.place(refused);
        flow.end(Outcome.REFUSED, Verdict.DROP);
        if (hasHelper) {
            a.place(toHelper);
            flow.end(Outcome.TO_HELPER, Verdict.PASS);
        }
        flow.ends();
        return a.assemble();
    }

    private void outerIpv4() {
        int ip = EthernetHeader.LENGTH;
        a.load(HALF, R1, R7, EthernetHeader.ETHER_TYPE).jumpIf(R1, NOT_EQUAL, be16(EthernetHeader.IPV4), next);
        a.load(BYTE, R1, R7, ip).jumpIf(R1, NOT_EQUAL, Ipv4Header.WITHOUT_OPTIONS, next);
        a.load(BYTE, R1, R7, ip + Ipv4Header.PROTOCOL).jumpIf(R1, NOT_EQUAL, IpProtocol.UDP, next);
        a.load(HALF, R1, R7, ip + Ipv4Header.FRAGMENT_BITS)
                .and(R1, be16(Ipv4Header.FRAGMENT_MASK))
                .jumpIf(R1, NOT_EQUAL, 0, next);
        isLocal(ip + Ipv4Header.DESTINATION, 0);
        isWhole(ip + Ipv4Header.TOTAL_LENGTH, ip);
        headerChecksum(ip);
        a.load(BYTE, R1, R7, ip + Ipv4Header.TOS).store(DOUBLE, R10, Stack.OUTER_TOS, R1);
        a.store(DOUBLE, R10, Stack.VTEP, 0).store(WORD, R10, Stack.VTEP + 8, be32(0xffff));
        a.load(WORD, R1, R7, ip + Ipv4Header.SOURCE).store(WORD, R10, Stack.VTEP + 12, R1);
    }

    private void outerIpv6() {
        int ip = EthernetHeader.LENGTH;
        a.load(HALF, R1, R7, EthernetHeader.ETHER_TYPE).jumpIf(R1, NOT_EQUAL, be16(EthernetHeader.IPV6), next);
        a.load(BYTE, R1, R7, ip + Ipv6Header.NEXT_HEADER).jumpIf(R1, NOT_EQUAL, IpProtocol.UDP, next);
        a.load(HALF, R1, R7, ip).networkOrder(R1, Short.SIZE).move(R2, R1);
        a.shiftRight(R2, 12).jumpIf(R2, NOT_EQUAL, 6, next);
        a.shiftRight(R1, 4).and(R1, 0xff).store(DOUBLE, R10, Stack.OUTER_TOS, R1);
        for (int i = 0; i < 4; i++) {
            isLocal(ip + Ipv6Header.DESTINATION + i * Integer.BYTES, i);
        }
        isWhole(ip + Ipv6Header.PAYLOAD_LENGTH, UDP6);
        // Zero is no checksum over IPv6 (RFC 8200 section 8.1): the kernel's socket decides.
        a.load(HALF, R1, R7, UDP6 + UdpHeader.CHECKSUM).jumpIf(R1, EQUAL, 0, next);
        a.load(DOUBLE, R1, R7, ip + Ipv6Header.SOURCE).store(DOUBLE, R10, Stack.VTEP, R1);
        a.load(DOUBLE, R1, R7, ip + Ipv6Header.SOURCE_LOW).store(DOUBLE, R10, Stack.VTEP + 8, R1);
    }

    private void isLocal(int at, int part) {
        a.load(WORD, R1, R7, at).move32(R2, end.localWord(part)).jumpIf(R1, NOT_EQUAL, R2, next);
    }

    /** The length in the IP header, counted from {@code start}, is that of the frame: no padding, not several datagrams. */
    private void isWhole(int at, int start) {
        a.load(HALF, R1, R7, at).networkOrder(R1, Short.SIZE);
        a.load(WORD, R2, R6, SkBuff.LEN).subtract(R2, start).jumpIf(R1, NOT_EQUAL, R2, next);
    }

    /** The ten words of a right header add up to all ones, in any byte order. */
    private void headerChecksum(int ip) {
        a.load(WORD, R1, R7, ip);
        for (int at = Integer.BYTES; at < Ipv4Header.LENGTH; at += Integer.BYTES) {
            a.load(WORD, R2, R7, ip + at).add(R1, R2);
        }
        fold(3);
        a.jumpIf(R1, NOT_EQUAL, 0xffff, next);
    }

    /** R1 comes down to 16 bits; R2 is lost. */
    private void fold(int times) {
        for (int i = 0; i < times; i++) {
            a.move(R2, R1).shiftRight(R2, Short.SIZE).and(R1, 0xffff).add(R1, R2);
        }
    }

    private void vxlan(int udp) {
        a.load(HALF, R1, R7, udp + UdpHeader.DESTINATION_PORT).jumpIf(R1, NOT_EQUAL, be16(end.port()), next);
        a.load(HALF, R1, R7, udp + UdpHeader.DATAGRAM_LENGTH).networkOrder(R1, Short.SIZE);
        a.load(WORD, R2, R6, SkBuff.LEN).subtract(R2, udp).jumpIf(R1, NOT_EQUAL, R2, next);
        int vxlan = udp + UdpHeader.LENGTH;
        a.load(WORD, R1, R7, vxlan).jumpIf(R1, NOT_EQUAL, be32(HelperProgram.VXLAN_FLAGS), next);
        a.load(BYTE, R1, R7, vxlan + VXLAN_RESERVED).jumpIf(R1, NOT_EQUAL, 0, next);
        a.load(DOUBLE, R1, R7, vxlan).store(DOUBLE, R10, Stack.KEY + KernelKey.TUNNEL, R1);
    }

    /** The tunnel port of the sender's VTEP goes into the key. */
    private void ingress() {
        flow.look(tables.vteps, Stack.VTEP, next);
        a.load(WORD, R1, R0, 0);
        flow.ingress();
    }

    private void lengths(int frame) {
        Label plain = a.label("plain");
        Label counted = a.label("counted");
        a.load(WORD, R1, R6, SkBuff.LEN).subtract(R1, frame).store(DOUBLE, R10, Stack.BYTES, R1);
        a.load(WORD, R2, R6, SkBuff.GSO_SIZE).jumpIf(R2, EQUAL, 0, plain);
        a.load(DOUBLE, R1, R10, Stack.HEADERS).add(R2, R1).store(DOUBLE, R10, Stack.LONGEST, R2);
        a.load(WORD, R1, R6, SkBuff.GSO_SEGS)
                .store(DOUBLE, R10, Stack.SEGMENTS, R1)
                .jump(counted);
        a.place(plain).store(DOUBLE, R10, Stack.LONGEST, R1).store(DOUBLE, R10, Stack.SEGMENTS, 1);
        a.place(counted);
    }

    /** OUTER_TOS becomes the TOS that the inner header gets, if another one; a mark that the chain drops for walks. */
    private void congestion() {
        Label none = a.label("noChange");
        Label marked = a.label("marked");
        Label changed = a.label("changed");
        Label done = a.label("ecn");
        a.load(DOUBLE, R1, R10, Stack.OUTER_TOS).and(R1, ECN);
        a.jumpIf(R1, EQUAL, 0, none).jumpIf(R1, EQUAL, ECT_0, none);
        a.load(DOUBLE, R2, R10, Stack.TOS).move(R3, R2).and(R3, ECN).jumpIf(R1, EQUAL, ECN, marked);
        a.jumpIf(R3, NOT_EQUAL, ECT_0, none).xor(R2, ECT_0 | ECT_1).jump(changed);
        a.place(marked).jumpIf(R3, EQUAL, ECN, none).or(R2, ECN).jumpIf(R3, NOT_EQUAL, 0, changed);
        a.store(DOUBLE, R10, Stack.WALKS, 1);
        a.place(none).store(DOUBLE, R10, Stack.OUTER_TOS, 0).jump(done);
        a.place(changed).or(R2, Stack.CHANGED).store(DOUBLE, R10, Stack.OUTER_TOS, R2);
        a.place(done);
    }

    /** Superframes, tagged frames, and the packets behind them of the same flow take the way by the helper device. */
    private void wayOfSuperframes() {
        Label alone = a.label("alone");
        Label helped = a.label("helped");
        a.load(DOUBLE, R1, R9, Slot.HELPED).jumpIf(R1, NOT_EQUAL, 0, toHelper);
        a.load(HALF, R2, R10, Stack.KEY + KernelKey.TYPE);
        a.jumpIf(R2, EQUAL, be16(EthernetHeader.VLAN), helped);
        a.jumpIf(R2, EQUAL, be16(EthernetHeader.SERVICE_VLAN), helped);
        a.load(WORD, R1, R6, SkBuff.GSO_SIZE).jumpIf(R1, EQUAL, 0, alone);
        a.place(helped).store(DOUBLE, R9, Slot.HELPED, 1).jump(toHelper);
        a.place(alone);
    }

    private void othersWalk() {
        Label walks = a.label("othersWalk");
        Label alone = a.label("alone");
        a.load(HALF, R2, R10, Stack.KEY + KernelKey.TYPE);
        a.jumpIf(R2, EQUAL, be16(EthernetHeader.VLAN), walks);
        a.jumpIf(R2, EQUAL, be16(EthernetHeader.SERVICE_VLAN), walks);
        a.load(WORD, R1, R6, SkBuff.GSO_SIZE).jumpIf(R1, EQUAL, 0, alone);
        a.place(walks).store(DOUBLE, R10, Stack.WALKS, 1).place(alone);
    }

    private void decapsulate(int frame) {
        flow.tally();
        Label sameFamily = a.label("sameFamily");
        int other = end.isIpv6() ? EthernetHeader.IPV4 : EthernetHeader.IPV6;
        a.move(R4, 0).load(HALF, R1, R10, Stack.KEY + KernelKey.TYPE).jumpIf(R1, NOT_EQUAL, be16(other), sameFamily);
        a.move(R4, end.isIpv6() ? DECAP_L3_IPV4 : DECAP_L3_IPV6);
        a.place(sameFamily).move(R1, R6).move(R2, -frame).move(R3, ROOM_BEHIND_ETHERNET);
        a.call(KernelFunction.SKB_ADJUST_ROOM).jumpIf(R0, NOT_EQUAL, 0, refused);
        ethernet();
        traffic();
        a.load(WORD, R1, R9, Slot.IFINDEX)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT_PEER)
                .exit();
    }

    /** The kernel has kept the outer Ethernet header in place of the inner one. */
    private void ethernet() {
        parser.data();
        a.move(R1, R7).add(R1, EthernetHeader.LENGTH + Ipv4Header.LENGTH).jumpIf(R1, ABOVE, R8, refused);
        a.load(DOUBLE, R1, R10, Stack.KEY + KernelKey.MACS).store(DOUBLE, R7, 0, R1);
        a.load(WORD, R1, R10, Stack.KEY + KernelKey.REST).store(WORD, R7, Long.BYTES, R1);
        a.load(HALF, R1, R10, Stack.KEY + KernelKey.TYPE).store(HALF, R7, EthernetHeader.ETHER_TYPE, R1);
    }

    /** Writes the TOS, if it changes. */
    private void traffic() {
        Label ipv6 = a.label("traffic6");
        Label done = a.label("trafficDone");
        int ip = EthernetHeader.LENGTH;
        a.load(DOUBLE, R3, R10, Stack.OUTER_TOS).jumpIf(R3, EQUAL, 0, done).and(R3, 0xff);
        a.load(HALF, R1, R10, Stack.KEY + KernelKey.TYPE).jumpIf(R1, EQUAL, be16(EthernetHeader.IPV6), ipv6);
        // ~checksum + ~before + after (RFC 1624): only the TOS of the word differs.
        a.load(HALF, R1, R7, ip + Ipv4Header.CHECKSUM)
                .networkOrder(R1, Short.SIZE)
                .xor(R1, 0xffff);
        a.load(HALF, R4, R7, ip)
                .networkOrder(R4, Short.SIZE)
                .move(R2, R4)
                .xor(R2, 0xffff)
                .add(R1, R2);
        a.and(R4, 0xff00).or(R4, R3).add(R1, R4);
        fold(2);
        a.xor(R1, 0xffff).networkOrder(R1, Short.SIZE).store(HALF, R7, ip + Ipv4Header.CHECKSUM, R1);
        a.store(BYTE, R7, ip + Ipv4Header.TOS, R3).jump(done);
        // The IPv6 header has no checksum: what the card has summed up must change with it.
        a.place(ipv6).load(HALF, R1, R7, ip).networkOrder(R1, Short.SIZE).and(R1, 0xf00f);
        a.shiftLeft(R3, 4).or(R1, R3).networkOrder(R1, Short.SIZE).store(HALF, R10, Stack.ARGUMENT, R1);
        a.move(R1, R6).move(R2, ip).move(R3, R10).add(R3, Stack.ARGUMENT).move(R4, Short.BYTES);
        a.move(R5, RECOMPUTE_CHECKSUM);
        a.call(KernelFunction.SKB_STORE_BYTES).jumpIf(R0, NOT_EQUAL, 0, refused);
        a.place(done);
    }
}
