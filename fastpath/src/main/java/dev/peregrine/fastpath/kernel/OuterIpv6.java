package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv6Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * An outer header of IPv6.
 *
 * <pre>
 *   | 6, traffic class, flow label | length, UDP, hop limit | source: this end | destination: VTEP |
 * </pre>
 *
 * <p>The flow label is the outer source port, which is of the flow (RFC 6438). At sockets the kernel makes it of a
 * number that nobody else knows.
 */
record OuterIpv6(Assembler a, TunnelEnd end) implements OuterHeader {
    private static final int IP = EthernetHeader.LENGTH;
    private static final int UDP = IP + Ipv6Header.LENGTH;
    private static final long ENCAP_L3_IPV6 = 1 << 2;
    private static final int VERSION = 6 << 28;
    private static final int CLASS_SHIFT = 20;

    @Override
    public int length() {
        return Ipv6Header.LENGTH;
    }

    @Override
    public int mostBytes() {
        return 0xffff;
    }

    @Override
    public long roomFlag() {
        return ENCAP_L3_IPV6;
    }

    @Override
    public void write() {
        end.loadTos(a);
        a.load(HALF, R2, R9, Slot.SOURCE_PORT).networkOrder(R2, Short.SIZE);
        a.shiftLeft(R1, CLASS_SHIFT).or(R1, R2).or(R1, VERSION).networkOrder(R1, Integer.SIZE);
        a.store(WORD, R7, IP, R1);
        a.load(WORD, R1, R6, SkBuff.LEN).subtract(R1, UDP).networkOrder(R1, Short.SIZE);
        a.store(HALF, R7, IP + Ipv6Header.PAYLOAD_LENGTH, R1).store(HALF, R7, UDP + UdpHeader.DATAGRAM_LENGTH, R1);
        end.loadTtl(a);
        a.store(BYTE, R7, IP + Ipv6Header.NEXT_HEADER, IpProtocol.UDP).store(BYTE, R7, IP + Ipv6Header.HOP_LIMIT, R1);
        addresses();
    }

    private void addresses() {
        for (int i = 0; i < 4; i++) {
            a.store(WORD, R7, IP + Ipv6Header.SOURCE + i * Integer.BYTES, end.localWord(i));
        }
        for (int at = 0; at < 2 * Long.BYTES; at += Long.BYTES) {
            a.load(DOUBLE, R1, R9, Slot.REMOTE + at).store(DOUBLE, R7, IP + Ipv6Header.DESTINATION + at, R1);
        }
    }
}
