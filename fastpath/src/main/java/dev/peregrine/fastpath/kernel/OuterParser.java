package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Assembler.be16;
import static dev.peregrine.dataplane.bpf.Assembler.be32;
import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.ANY_BIT;
import static dev.peregrine.dataplane.bpf.Condition.BELOW;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.fastpath.kernel.table.KernelTables;

/**
 * The part of a program that reads the outer headers of a datagram: leaves on the {@link Stack} the VTEP, the outer
 * TOS, the order counter and its amount.
 *
 * <pre>
 *   not for the gateway's socket, or not right ──► {@code next}: the kernel drops it, or it is not ours
 *   counted, but no datagram that a program may take (first fragment, padding) ──► {@code odd}
 * </pre>
 *
 * <p>It takes over what the kernel's IP and UDP would check: host address, lengths, IPv4 header checksum, no fragment.
 * An outer UDP checksum is not checked, as RFC 7348 section 5 allows; over IPv6 it may be zero as well (RFC 6935), as
 * the gateway's sockets have it. Datagrams that come with IPv4 options or IPv6
 * extension headers reach the gateway uncounted: they keep no order with others.
 *
 * <p>Wants R6 = context; sets R7 = data, R8 = its end.
 */
final class OuterParser {
    private static final int PACKET_HOST = 0;

    private final Assembler a;
    private final KernelTables tables;
    private final TunnelEnd end;
    private final Label next;
    private final Label odd;

    OuterParser(Assembler assembler, KernelTables tables, TunnelEnd end, Label next, Label odd) {
        a = assembler;
        this.tables = tables;
        this.end = end;
        this.next = next;
        this.odd = odd;
    }

    /** Where the UDP header begins. */
    int udp() {
        return EthernetHeader.LENGTH + (end.isIpv6() ? Ipv6Header.LENGTH : Ipv4Header.LENGTH);
    }

    void read() {
        FrameParser parser = new FrameParser(a, next);
        a.load(WORD, R1, R6, SkBuff.PKT_TYPE).jumpIf(R1, NOT_EQUAL, PACKET_HOST, next);
        parser.data();
        parser.need(udp() + UdpHeader.LENGTH);
        a.store(DOUBLE, R10, Stack.SEGMENTS, 1);
        if (end.isIpv6()) {
            ipv6();
        } else {
            ipv4();
        }
    }

    private void ipv4() {
        int ip = EthernetHeader.LENGTH;
        Label isFirst = a.label("isFirst");
        a.load(HALF, R1, R7, EthernetHeader.ETHER_TYPE).jumpIf(R1, NOT_EQUAL, be16(EthernetHeader.IPV4), next);
        a.load(BYTE, R1, R7, ip).jumpIf(R1, NOT_EQUAL, Ipv4Header.WITHOUT_OPTIONS, next);
        a.load(BYTE, R1, R7, ip + Ipv4Header.PROTOCOL).jumpIf(R1, NOT_EQUAL, IpProtocol.UDP, next);
        isLocal(ip + Ipv4Header.DESTINATION, 0);
        headerChecksum(ip);
        fragmentBits(ip, Ipv4Header.FRAGMENT_OFFSET_MASK, next);
        a.load(BYTE, R1, R7, ip + Ipv4Header.TOS).store(DOUBLE, R10, Stack.OUTER_TOS, R1);
        a.store(DOUBLE, R10, Stack.VTEP, 0).store(WORD, R10, Stack.VTEP + 8, be32(0xffff));
        a.load(WORD, R1, R7, ip + Ipv4Header.SOURCE).store(WORD, R10, Stack.VTEP + 12, R1);
        payload(ip + Ipv4Header.TOTAL_LENGTH, ip, Ipv4Header.LENGTH);
        fragmentBits(ip, Ipv4Header.MORE_FRAGMENTS, isFirst);
        a.jumpIf(R1, ABOVE, R3, next).place(isFirst);
        count();
        fragmentBits(ip, Ipv4Header.MORE_FRAGMENTS, odd);
        isWhole();
    }

    private void ipv6() {
        int ip = EthernetHeader.LENGTH;
        a.load(HALF, R1, R7, EthernetHeader.ETHER_TYPE).jumpIf(R1, NOT_EQUAL, be16(EthernetHeader.IPV6), next);
        a.load(BYTE, R1, R7, ip + Ipv6Header.NEXT_HEADER).jumpIf(R1, NOT_EQUAL, IpProtocol.UDP, next);
        a.load(HALF, R1, R7, ip).networkOrder(R1, Short.SIZE).move(R2, R1);
        a.shiftRight(R2, 12).jumpIf(R2, NOT_EQUAL, 6, next);
        a.shiftRight(R1, 4).and(R1, 0xff).store(DOUBLE, R10, Stack.OUTER_TOS, R1);
        for (int i = 0; i < 4; i++) {
            isLocal(ip + Ipv6Header.DESTINATION + i * Integer.BYTES, i);
        }
        a.load(DOUBLE, R1, R7, ip + Ipv6Header.SOURCE).store(DOUBLE, R10, Stack.VTEP, R1);
        a.load(DOUBLE, R1, R7, ip + Ipv6Header.SOURCE_LOW).store(DOUBLE, R10, Stack.VTEP + 8, R1);
        payload(ip + Ipv6Header.PAYLOAD_LENGTH, udp(), 0);
        a.jumpIf(R1, ABOVE, R3, next);
        count();
        isWhole();
    }

    private void isLocal(int at, int part) {
        a.load(WORD, R1, R7, at).move32(R2, end.localWord(part)).jumpIf(R1, NOT_EQUAL, R2, next);
    }

    private void fragmentBits(int ip, int bits, Label then) {
        a.load(HALF, R2, R7, ip + Ipv4Header.FRAGMENT_BITS).jumpIf(R2, ANY_BIT, be16(bits), then);
    }

    /** The ten words of a right header add up to all ones, in any byte order. */
    private void headerChecksum(int ip) {
        a.load(WORD, R1, R7, ip);
        for (int at = Integer.BYTES; at < Ipv4Header.LENGTH; at += Integer.BYTES) {
            a.load(WORD, R2, R7, ip + at).add(R1, R2);
        }
        Checksum.fold(a, 3);
        a.jumpIf(R1, NOT_EQUAL, 0xffff, next);
    }

    /**
     * R1 = the length in the UDP header, R3 = the bytes of UDP by the length at {@code at}, which counts from a start.
     * Over IPv6 a length of 0 in the UDP header takes all there is (RFC 2675), and so does the kernel.
     */
    private void payload(int at, int start, int header) {
        a.load(HALF, R1, R7, udp() + UdpHeader.DESTINATION_PORT).jumpIf(R1, NOT_EQUAL, be16(end.port()), next);
        a.load(HALF, R3, R7, at).networkOrder(R3, Short.SIZE);
        a.load(WORD, R2, R6, SkBuff.LEN).subtract(R2, start).jumpIf(R3, ABOVE, R2, next);
        a.jumpIf(R3, BELOW, header + UdpHeader.LENGTH, next).subtract(R3, header);
        a.load(HALF, R1, R7, udp() + UdpHeader.DATAGRAM_LENGTH).networkOrder(R1, Short.SIZE);
        if (end.isIpv6()) {
            Label hasLength = a.label("hasLength");
            a.jumpIf(R1, NOT_EQUAL, 0, hasLength).move(R1, R3).place(hasLength);
        }
        a.jumpIf(R1, BELOW, UdpHeader.LENGTH, next);
    }

    /** AMOUNT by R1, and ORDER: from here on the packet is counted if it walks. */
    private void count() {
        a.subtract(R1, UdpHeader.LENGTH).store(DOUBLE, R10, Stack.AMOUNT, R1);
        tables.orders.ofDatagram(a, Stack.VTEP, udp() + UdpHeader.SOURCE_PORT, Stack.ORDER);
    }

    /** The datagram is all that the frame has behind the IP header. */
    private void isWhole() {
        a.load(DOUBLE, R1, R10, Stack.AMOUNT);
        a.load(WORD, R2, R6, SkBuff.LEN).subtract(R2, udp() + UdpHeader.LENGTH).jumpIf(R1, NOT_EQUAL, R2, odd);
    }
}
