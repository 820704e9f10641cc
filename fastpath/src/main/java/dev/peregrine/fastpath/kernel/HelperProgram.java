package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Assembler.be32;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R4;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.fastpath.kernel.table.Slot;
import java.net.InetAddress;

/**
 * At the ingress hook of the helper device, a VXLAN device of the kernel without a configuration of its own
 * ({@code external}), which takes superframes out of the tunnel: sends them to their ports.
 *
 * <pre>
 *   {@link UnderlayProgram} ─► IP, UDP ─► helper device ─► this ─► port's namespace
 *                                     ECN by RFC 6040      key: tunnel from what the device says, the rest from the frame
 * </pre>
 *
 * <p>Nothing is behind this hook, so a packet whose decision has ended on the way is dropped ({@link Outcome#LATE}).
 */
public final class HelperProgram {
    /** The first four bytes of the VXLAN headers that programs take: the VNI is valid, nothing else. */
    static final int VXLAN_FLAGS = 0x0800_0000;

    private static final int PACKET_HOST = 0;

    private final Assembler a = new Assembler("pg_helper");
    private final Label next = a.label("next");
    private final FrameParser parser = new FrameParser(a, next);
    private final FlowMatch flow;
    private final KernelTables tables;
    private final boolean isIpv6;

    private HelperProgram(KernelTables tables, TunnelEnd end) {
        this.tables = tables;
        isIpv6 = end.isIpv6();
        flow = new FlowMatch(a, tables, next);
    }

    /** The program for what {@link UnderlayProgram} of the same end leaves to the helper device. */
    public static Program of(KernelTables tables, TunnelEnd end) {
        HelperProgram program = new HelperProgram(tables, end);
        program.a.move(R6, R1);
        return program.assemble();
    }

    /** The same, to see what becomes of a frame: as if the device had taken it from a datagram of a VTEP to a VNI. */
    public static Program probe(KernelTables tables, TunnelEnd end, int vni, InetAddress vtep) {
        HelperProgram program = new HelperProgram(tables, end);
        program.a.move(R6, R1);
        program.pretend(vni, new TunnelEnd(vtep, end.port(), true, true, 0, 1, true));
        return program.assemble();
    }

    /** A received frame looks as the one that was sent. */
    private void pretend(int vni, TunnelEnd sender) {
        for (int at = 0; at < TunnelKey.SIZE; at += Long.BYTES) {
            a.store(DOUBLE, R10, Stack.TUNNEL_KEY + at, 0);
        }
        a.store(WORD, R10, Stack.TUNNEL_KEY + TunnelKey.ID, vni);
        for (int i = 0; i < (isIpv6 ? 4 : 1); i++) {
            int part = isIpv6 ? sender.localWord(i) : be32(sender.localWord(i));
            a.store(WORD, R10, Stack.TUNNEL_KEY + TunnelKey.LOCAL + i * Integer.BYTES, part);
        }
        a.move(R1, R6).move(R2, R10).add(R2, Stack.TUNNEL_KEY).move(R3, TunnelKey.SIZE);
        a.move(R4, isIpv6 ? TunnelKey.IPV6 : 0);
        a.call(KernelFunction.SKB_SET_TUNNEL_KEY).jumpIf(R0, NOT_EQUAL, 0, next);
    }

    private Program assemble() {
        a.store(DOUBLE, R10, Stack.SEGMENTS, 1);
        tunnel();
        parser.data();
        parser.frame(0, /* hasTagsInside= */ false);
        parser.kernelTag();
        ingress();
        Superframe.lengths(a, next);
        // Whether it may go fast has been decided at the underlay; a FIN behind it does not call it back.
        flow.known();
        // The frame is not for the helper device's MAC address: kernels before 6.12 would have the workload's stack
        // know.
        a.move(R1, R6).move(R2, PACKET_HOST).call(KernelFunction.SKB_CHANGE_TYPE);
        flow.tally();
        a.load(WORD, R1, R9, Slot.IFINDEX)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT_PEER)
                .exit();
        flow.place(next);
        flow.end(Outcome.LATE, Verdict.DROP);
        return a.assemble();
    }

    /** The VXLAN header and the sender's address, as the device has read them. */
    private void tunnel() {
        for (int at = 0; at < TunnelKey.SIZE; at += Long.BYTES) {
            a.store(DOUBLE, R10, Stack.TUNNEL_KEY + at, 0);
        }
        a.move(R1, R6).move(R2, R10).add(R2, Stack.TUNNEL_KEY).move(R3, TunnelKey.SIZE);
        a.move(R4, isIpv6 ? TunnelKey.IPV6 : 0);
        a.call(KernelFunction.SKB_GET_TUNNEL_KEY).jumpIf(R0, NOT_EQUAL, 0, next);
        a.load(WORD, R1, R10, Stack.TUNNEL_KEY + TunnelKey.ID)
                .shiftLeft(R1, Byte.SIZE)
                .networkOrder(R1, Integer.SIZE);
        a.store(WORD, R10, Stack.KEY + KernelKey.VNI, R1);
        a.store(WORD, R10, Stack.KEY + KernelKey.TUNNEL, be32(VXLAN_FLAGS));
        if (isIpv6) {
            for (int i = 0; i < 4; i++) {
                a.load(WORD, R1, R10, Stack.TUNNEL_KEY + TunnelKey.REMOTE + i * Integer.BYTES);
                a.store(WORD, R10, Stack.VTEP + i * Integer.BYTES, R1);
            }
        } else {
            a.store(DOUBLE, R10, Stack.VTEP, 0).store(WORD, R10, Stack.VTEP + 8, be32(0xffff));
            a.load(WORD, R1, R10, Stack.TUNNEL_KEY + TunnelKey.REMOTE).networkOrder(R1, Integer.SIZE);
            a.store(WORD, R10, Stack.VTEP + 12, R1);
        }
    }

    private void ingress() {
        flow.look(tables.vteps, Stack.VTEP, next);
        a.load(WORD, R1, R0, 0);
        flow.ingress();
    }
}
