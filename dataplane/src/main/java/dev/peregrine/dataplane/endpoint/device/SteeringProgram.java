package dev.peregrine.dataplane.endpoint.device;

import static dev.peregrine.dataplane.bpf.Assembler.be16;
import static dev.peregrine.dataplane.bpf.Condition.ANY_BIT;
import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
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
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.Width;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.VlanTags;

/**
 * At a TAP device with several queues, for each frame that the workload sends: the flow's hash, which modulo the number
 * of queues is the frame's queue.
 *
 * <pre>
 *   Ethernet ─ up to 2 tags ─┬─ IPv4, IPv6 ─┬─ TCP, UDP, whole ─► EtherType + addresses + protocol + ports ─┐
 *                            │              └─ others ──────────► EtherType + addresses + protocol ─────────┼─► hash
 *                            └─ others ─────────────────────────► EtherType + MAC addresses ────────────────┘
 * </pre>
 *
 * <p>A flow has one queue from its first frame to its last, whoever began it and wherever its other direction is
 * written; both directions have the same hash, since all is added up. Fragments of a datagram have one hash, without
 * ports, as in {@link dev.peregrine.dataplane.header.FlowHash}. Behind extension headers of IPv6 no ports are looked
 * for.
 *
 * <p>R6 = context, R7 = where the header that is next begins, R8 = sum, R9 = EtherType, then protocol.
 */
final class SteeringProgram {
    /** 2^64 divided by the golden ratio: the upper bits of a product with it depend on all bits of the sum. */
    private static final long GOLDEN_RATIO = 0x9e37_79b9_7f4a_7c15L;

    /** The kernel takes as many. */
    private static final int HASH_BITS = 16;

    /** Where a header is copied to, from the stack's end on. */
    private static final int HEADER = -Ipv6Header.LENGTH;

    private static final int PORTS_SIZE = 2 * Short.BYTES;
    private static final int LENGTH_MASK = 0x0f;

    private final Assembler a = new Assembler("pg_steering");
    private final Label ipv6 = a.label("ipv6");
    private final Label other = a.label("other");
    private final Label ports = a.label("ports");
    private final Label hash = a.label("hash");

    private SteeringProgram() {}

    /** For {@link dev.peregrine.dataplane.linux.tun.TapBuilder#steering}. */
    static Program assemble() {
        SteeringProgram program = new SteeringProgram();
        program.ethernet();
        program.ipv4();
        program.ipv6();
        program.transport();
        program.others();
        return program.end();
    }

    /** Copies bytes of the header at R7 to the stack; a frame that ends before them has no part of it in its hash. */
    private void copy(int length) {
        a.move(R1, R6).move(R2, R7).move(R3, R10).add(R3, HEADER).move(R4, length);
        a.call(KernelFunction.SKB_LOAD_BYTES).jumpIf(R0, NOT_EQUAL, 0, hash);
    }

    private void get(Width width, int offset) {
        a.load(width, R1, R10, HEADER + offset);
    }

    /** Adds fields side by side. */
    private void sum(Width width, int bytes, int from, int count) {
        for (int i = 0; i < count; i++) {
            get(width, from + i * bytes);
            a.add(R8, R1);
        }
    }

    private void ethernet() {
        a.move(R6, R1).move(R7, 0).move(R8, 0);
        copy(EthernetHeader.LENGTH);
        get(HALF, EthernetHeader.ETHER_TYPE);
        a.move(R9, R1).add(R7, EthernetHeader.LENGTH);
        Label untagged = a.label("untagged");
        for (int i = 0; i < VlanTags.MAX; i++) {
            Label tagged = a.label("tagged" + i);
            a.jumpIf(R9, EQUAL, be16(EthernetHeader.VLAN), tagged)
                    .jumpIf(R9, NOT_EQUAL, be16(EthernetHeader.SERVICE_VLAN), untagged)
                    .place(tagged);
            copy(VlanTags.LENGTH);
            get(HALF, Short.BYTES);
            a.move(R9, R1).add(R7, VlanTags.LENGTH);
        }
        a.place(untagged).move(R8, R9);
        a.jumpIf(R9, EQUAL, be16(EthernetHeader.IPV6), ipv6).jumpIf(R9, NOT_EQUAL, be16(EthernetHeader.IPV4), other);
    }

    private void ipv4() {
        copy(Ipv4Header.LENGTH);
        sum(WORD, Integer.BYTES, Ipv4Header.SOURCE, 2);
        get(BYTE, Ipv4Header.PROTOCOL);
        a.move(R9, R1).add(R8, R9);
        get(HALF, Ipv4Header.FRAGMENT_BITS);
        a.jumpIf(R1, ANY_BIT, be16(Ipv4Header.FRAGMENT_MASK), hash);
        get(BYTE, Ipv4Header.VERSION_AND_LENGTH);
        a.and(R1, LENGTH_MASK).shiftLeft(R1, 2).add(R7, R1).jump(ports);
    }

    /** Of a fragment, the next header is a fragment header. */
    private void ipv6() {
        a.place(ipv6);
        copy(Ipv6Header.LENGTH);
        sum(WORD, Integer.BYTES, Ipv6Header.SOURCE, 8);
        get(BYTE, Ipv6Header.NEXT_HEADER);
        a.move(R9, R1).add(R8, R9).add(R7, Ipv6Header.LENGTH);
    }

    private void transport() {
        Label read = a.label("read");
        a.place(ports)
                .jumpIf(R9, EQUAL, IpProtocol.TCP, read)
                .jumpIf(R9, NOT_EQUAL, IpProtocol.UDP, hash)
                .place(read);
        copy(PORTS_SIZE);
        sum(HALF, Short.BYTES, 0, 2);
        a.jump(hash);
    }

    private void others() {
        a.place(other).move(R7, 0);
        copy(EthernetHeader.LENGTH);
        sum(HALF, Short.BYTES, EthernetHeader.DESTINATION, EthernetHeader.ETHER_TYPE / Short.BYTES);
    }

    private Program end() {
        a.place(hash).move64(R0, GOLDEN_RATIO).multiply(R0, R8);
        return a.shiftRight(R0, Long.SIZE - HASH_BITS).exit().assemble();
    }
}
