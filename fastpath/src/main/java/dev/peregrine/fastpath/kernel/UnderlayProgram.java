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
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * Where datagrams come in, at the ingress hook of the underlay's device: takes frames of known flows out of the tunnel
 * and puts them into the namespace of their port.
 *
 * <pre>
 *   before   | Ethernet 14 | IPv4 20 or IPv6 40 | UDP 8 | VXLAN 8 | Ethernet 14 | IP …
 *   after                                                         | Ethernet 14 | IP …    ECN by RFC 6040
 * </pre>
 *
 * <p>{@link OuterParser} makes the checks that the kernel makes before its socket; inner checksums are the workload's
 * to check. Reserved bits of the VXLAN header must be 0: others walk.
 *
 * <p>Superframes: before 2026 the kernel cannot take a tunnel off a superframe in a program: what it knows of the
 * tunnel would stay with the frame, and plain sockets would lose it. So they walk. Where there is a helper device,
 * they do not: the kernel's VXLAN device takes them out of the tunnel, and {@link HelperProgram} sends them where they
 * belong. Once one has gone there, all packets of its flow take this way, or a packet would overtake the superframe,
 * which waits there for a moment.
 *
 * <p>Frames with a VLAN tag walk, since the kernel keeps tags beside the frame.
 */
public final class UnderlayProgram {
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
    private final Label unflowed = a.label("unflowed");
    private final Label refused = a.label("refused");
    private final Label toHelper = a.label("toHelper");
    private final FrameParser parser = new FrameParser(a, unflowed);
    private final OuterParser outer;
    private final FlowMatch flow;
    private final KernelTables tables;
    private final TunnelEnd end;
    private final boolean hasHelper;

    private UnderlayProgram(KernelTables tables, TunnelEnd end, boolean hasHelper) {
        this.tables = tables;
        this.end = end;
        this.hasHelper = hasHelper;
        outer = new OuterParser(a, tables, end, next, unflowed);
        flow = new FlowMatch(a, tables, next);
    }

    /** The program for datagrams to an address; superframes walk. */
    public static Program of(KernelTables tables, TunnelEnd end) {
        return new UnderlayProgram(tables, end, /* hasHelper= */ false).assemble();
    }

    /**
     * The program for datagrams to an address; superframes of one frame go on to the VXLAN device that has the port.
     * {@link SocketProgram} gives all else to the gateway.
     */
    public static Program withHelper(KernelTables tables, TunnelEnd end) {
        return new UnderlayProgram(tables, end, /* hasHelper= */ true).assemble();
    }

    private Program assemble() {
        int udp = outer.udp();
        int frame = udp + UdpHeader.LENGTH + VXLAN;
        a.move(R6, R1);
        outer.read();
        if (!hasHelper) {
            merged();
        }
        parser.need(frame + EthernetHeader.LENGTH + Ipv4Header.LENGTH + UdpHeader.LENGTH);
        vxlan(udp + UdpHeader.LENGTH);
        parser.frame(frame, /* hasTagsInside= */ true);
        if (hasHelper) {
            severalDatagrams();
        }
        ingress();
        lengths(frame);
        congestion();
        isTagged(unflowed);
        flow.matchOrShed();
        if (hasHelper) {
            wayOfSuperframes();
        }
        decapsulate(frame);
        ends();
        return a.assemble();
    }

    private void ends() {
        a.place(refused);
        flow.end(Outcome.REFUSED, Verdict.DROP);
        if (hasHelper) {
            a.place(toHelper);
            flow.end(Outcome.TO_HELPER, Verdict.PASS);
        }
        flow.shed();
        a.place(unflowed);
        flow.walk(Outcome.UNKNOWN_FLOW);
        flow.ends();
    }

    /** Superframes walk, whatever is in them. */
    private void merged() {
        Label lone = a.label("lone");
        a.load(WORD, R1, R6, SkBuff.GSO_SIZE).jumpIf(R1, EQUAL, 0, lone);
        a.load(WORD, R1, R6, SkBuff.GSO_SEGS).store(DOUBLE, R10, Stack.SEGMENTS, R1);
        flow.walk(Outcome.MERGED);
        a.place(lone);
    }

    /**
     * Superframes of several datagrams walk, as senders make them ({@code UDP_SEGMENT}): each has a frame of its own,
     * and these may be of several flows. The first frame then ends before the superframe does.
     */
    private void severalDatagrams() {
        Label one = a.label("oneFrame");
        a.load(WORD, R1, R6, SkBuff.GSO_SIZE).jumpIf(R1, EQUAL, 0, one);
        a.load(DOUBLE, R1, R10, Stack.PADDING).jumpIf(R1, EQUAL, 0, one);
        a.load(WORD, R1, R6, SkBuff.GSO_SEGS).store(DOUBLE, R10, Stack.SEGMENTS, R1);
        flow.walk(Outcome.MERGED);
        a.place(one);
    }

    private void vxlan(int at) {
        a.load(WORD, R1, R7, at).jumpIf(R1, NOT_EQUAL, be32(HelperProgram.VXLAN_FLAGS), unflowed);
        a.load(BYTE, R1, R7, at + VXLAN_RESERVED).jumpIf(R1, NOT_EQUAL, 0, unflowed);
        a.load(DOUBLE, R1, R7, at).store(DOUBLE, R10, Stack.KEY + KernelKey.TUNNEL, R1);
    }

    /** The tunnel port of the sender's VTEP goes into the key. */
    private void ingress() {
        flow.look(tables.vteps, Stack.VTEP, unflowed);
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

    private void isTagged(Label then) {
        a.load(HALF, R2, R10, Stack.KEY + KernelKey.TYPE);
        a.jumpIf(R2, EQUAL, be16(EthernetHeader.VLAN), then);
        a.jumpIf(R2, EQUAL, be16(EthernetHeader.SERVICE_VLAN), then);
    }

    /** Superframes, and the packets behind them of the same flow, take the way by the helper device. */
    private void wayOfSuperframes() {
        Label alone = a.label("alone");
        a.load(DOUBLE, R1, R9, Slot.HELPED).jumpIf(R1, NOT_EQUAL, 0, toHelper);
        a.load(WORD, R1, R6, SkBuff.GSO_SIZE).jumpIf(R1, EQUAL, 0, alone);
        a.store(DOUBLE, R9, Slot.HELPED, 1).jump(toHelper);
        a.place(alone);
    }

    private void decapsulate(int frame) {
        Label sameFamily = a.label("sameFamily");
        int other = end.isIpv6() ? EthernetHeader.IPV4 : EthernetHeader.IPV6;
        a.move(R4, 0).load(HALF, R1, R10, Stack.KEY + KernelKey.TYPE).jumpIf(R1, NOT_EQUAL, be16(other), sameFamily);
        a.move(R4, end.isIpv6() ? DECAP_L3_IPV4 : DECAP_L3_IPV6);
        a.place(sameFamily).move(R1, R6).move(R2, -frame).move(R3, ROOM_BEHIND_ETHERNET);
        a.call(KernelFunction.SKB_ADJUST_ROOM).jumpIf(R0, NOT_EQUAL, 0, refused);
        ethernet();
        traffic();
        flow.tally();
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
        Checksum.fold(a, 2);
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
