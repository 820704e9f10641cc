package dev.peregrine.fastpath.kernel;

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
import static dev.peregrine.dataplane.bpf.Register.R5;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R7;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.HALF;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.Ipv4Header;
import dev.peregrine.dataplane.header.UdpHeader;

/**
 * Behind {@link UnderlayProgram} at the underlay's ingress hook: has the gateway's sockets receive the datagrams to the
 * tunnel's port, which is the helper device's. They are bound to another port of the same address.
 *
 * <pre>
 *   {@link UnderlayProgram} ──► superframes of known flows: helper device
 *          └── all else ──► this: the socket at the other port ──► IP, UDP (port and bytes as they came) ──► gateway
 * </pre>
 *
 * <p>Where workers share a port, the kernel chooses one by the datagram's addresses and ports, as always. Fragments are
 * not taken: they end at the helper device, put together. RFC 7348 section 4.3 lets a VTEP discard them.
 */
public final class SocketProgram {
    /** {@code BPF_F_CURRENT_NETNS}. */
    private static final int OWN_NAMESPACE = -1;

    /** {@code struct bpf_sock_tuple} of IPv4: source address, destination address, source port, destination port. */
    private static final int TUPLE = Stack.TUNNEL_KEY;

    private static final int TUPLE_BYTES = 12;
    private static final int DESTINATION = TUPLE + Integer.BYTES;
    private static final int PORTS = DESTINATION + Integer.BYTES;
    private static final int DESTINATION_PORT = PORTS + Short.BYTES;

    private SocketProgram() {}

    /**
     * The program for datagrams to an address of IPv4.
     *
     * @param port that the gateway's sockets are bound to
     */
    public static Program of(TunnelEnd end, int port) {
        Assembler a = new Assembler("pg_socket");
        Label next = a.label("next");
        FrameParser parser = new FrameParser(a, next);
        int ip = EthernetHeader.LENGTH;
        a.move(R6, R1);
        parser.data();
        parser.need(ip + Ipv4Header.LENGTH + UdpHeader.LENGTH);
        a.load(HALF, R1, R7, EthernetHeader.ETHER_TYPE).jumpIf(R1, NOT_EQUAL, be16(EthernetHeader.IPV4), next);
        a.load(BYTE, R1, R7, ip + Ipv4Header.PROTOCOL).jumpIf(R1, NOT_EQUAL, IpProtocol.UDP, next);
        a.load(WORD, R1, R7, ip + Ipv4Header.DESTINATION)
                .move32(R2, end.localWord(0))
                .jumpIf(R1, NOT_EQUAL, R2, next)
                .store(WORD, R10, DESTINATION, R1);
        a.load(HALF, R1, R7, ip + Ipv4Header.FRAGMENT_BITS).jumpIf(R1, ANY_BIT, be16(Ipv4Header.FRAGMENT_MASK), next);
        a.load(WORD, R1, R7, ip + Ipv4Header.SOURCE).store(WORD, R10, TUPLE, R1);
        // Behind options, too: the low half of the first byte is the header's length in words.
        a.load(BYTE, R2, R7, ip).and(R2, 0xf).shiftLeft(R2, 2).add(R2, ip);
        a.move(R1, R6).move(R3, R10).add(R3, PORTS).move(R4, Integer.BYTES);
        a.call(KernelFunction.SKB_LOAD_BYTES).jumpIf(R0, NOT_EQUAL, 0, next);
        a.load(HALF, R1, R10, DESTINATION_PORT).jumpIf(R1, NOT_EQUAL, be16(end.port()), next);
        a.store(HALF, R10, DESTINATION_PORT, be16(port));
        a.move(R1, R6)
                .move(R2, R10)
                .add(R2, TUPLE)
                .move(R3, TUPLE_BYTES)
                .move(R4, OWN_NAMESPACE)
                .move(R5, 0);
        a.call(KernelFunction.SK_LOOKUP_UDP).jumpIf(R0, EQUAL, 0, next);
        a.move(R7, R0).move(R1, R6).move(R2, R0).move(R3, 0).call(KernelFunction.SK_ASSIGN);
        a.move(R1, R7).call(KernelFunction.SK_RELEASE);
        a.place(next).exit(Verdict.NEXT);
        return a.assemble();
    }
}
