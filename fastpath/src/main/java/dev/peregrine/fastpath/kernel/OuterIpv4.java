package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Assembler.be16;
import static dev.peregrine.dataplane.bpf.Assembler.be32;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R5;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * An outer header of IPv4, without options.
 *
 * <pre>
 *   | 0x45, TOS, length | id, DF | TTL, UDP, checksum | source: this end | destination: VTEP |
 * </pre>
 */
record OuterIpv4(Assembler a, TunnelEnd end) implements OuterHeader {
    private static final int IP = EthernetHeader.LENGTH;
    private static final int UDP = IP + Ipv4Header.LENGTH;
    private static final long ENCAP_L3_IPV4 = 1 << 1;
    private static final int VERSION_AND_LENGTH = Ipv4Header.WITHOUT_OPTIONS << Byte.SIZE;

    @Override
    public int length() {
        return Ipv4Header.LENGTH;
    }

    @Override
    public int mostBytes() {
        return 0xffff - Ipv4Header.LENGTH;
    }

    @Override
    public long roomFlag() {
        return ENCAP_L3_IPV4;
    }

    @Override
    public void write() {
        addresses();
        traffic();
        lengths();
        checksum();
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
        end.loadTos(a);
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
}
