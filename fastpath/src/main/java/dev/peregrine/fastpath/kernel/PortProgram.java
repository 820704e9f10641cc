package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Condition.AT_LEAST;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.fastpath.kernel.table.KernelKey;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.fastpath.kernel.table.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Where frames of a workload come in, at the ingress hook of the outer end of its veth pair: says to which VTEP a frame
 * of a known flow goes.
 *
 * <pre>
 *   workload ─► veth ─► this ─┬─ of: puts the headers on ───────► underlay's device, by routes and neighbours
 *                             └─ withHelper: VNI, VTEP, … ──────► helper device: headers, checksums ─► underlay
 * </pre>
 *
 * <p>By itself the program encapsulates without outer checksums ({@link TunnelEnd#canEncapsulate}), each flow with the
 * source port that its decision has, marks as RFC 6040 or RFC 3168 has it. Frames with a VLAN tag walk, since the
 * kernel keeps the tag beside the frame.
 *
 * <p>The helper device encapsulates with outer checksums. Frames whose marks it would not copy
 * (congestion experienced, where RFC 6040 is configured) walk.
 */
public final class PortProgram {
    /** Bytes of a tunnel key, {@code struct bpf_tunnel_key}. */
    public static final int TUNNEL_KEY_BYTES = TunnelKey.SIZE;

    private static final int ECN = 3;

    private final Assembler a = new Assembler("pg_port");
    private final Label next = a.label("next");
    private final Label refused = a.label("refused");
    private final FrameParser parser = new FrameParser(a, next);
    private final KernelTables tables;
    private final TunnelEnd end;
    private final FlowMatch flow;

    private PortProgram(KernelTables tables, TunnelEnd end) {
        this.tables = tables;
        this.end = end;
        flow = new FlowMatch(a, tables, next);
    }

    /**
     * The program for all ports, which puts the headers on: it tells ports apart by the number of their interface.
     *
     * @throws IllegalArgumentException where programs cannot do that
     */
    public static Program of(KernelTables tables, TunnelEnd end) {
        PortProgram program = new PortProgram(tables, end);
        Label walks = program.a.label("walks");
        EncapExit exit = new EncapExit(program.a, end, walks, program.refused);
        program.read();
        program.flow.match();
        exit.write();
        program.flow.tally();
        exit.leave();
        program.a.place(walks);
        program.flow.walk(Outcome.WALKS);
        return program.finish();
    }

    /** The program for all ports, which gives frames to the helper device. */
    public static Program withHelper(KernelTables tables, TunnelEnd end) {
        return withHelper(tables, end, null);
    }

    /**
     * The same, to see what becomes of a frame: the tunnel key that the helper device would get goes to entry 0 of
     * {@code seen}, an array of {@link #TUNNEL_KEY_BYTES}, with remote and local address exchanged.
     */
    public static Program probe(KernelTables tables, TunnelEnd end, BpfMap seen) {
        return withHelper(tables, end, seen);
    }

    private static Program withHelper(KernelTables tables, TunnelEnd end, @Nullable BpfMap seen) {
        PortProgram program = new PortProgram(tables, end);
        TunnelKeyExit exit = new TunnelKeyExit(program.a, end, program.refused);
        program.read();
        program.congestion();
        program.flow.match();
        exit.write();
        if (seen != null) {
            exit.show(program.flow, seen);
        }
        program.flow.tally();
        exit.leave();
        return program.finish();
    }

    private void read() {
        a.move(R6, R1);
        parser.data();
        parser.frame(0, /* hasTagsInside= */ false);
        parser.kernelTag();
        a.store(DOUBLE, R10, Stack.KEY + KernelKey.TUNNEL, 0);
        a.load(WORD, R1, R6, SkBuff.IFINDEX).jumpIf(R1, AT_LEAST, KernelKey.INGRESSES, next);
        flow.ingress();
        Superframe.lengths(a, next);
        tables.orders.ofFrame(a, Stack.KEY, Stack.ORDER);
        a.load(DOUBLE, R1, R10, Stack.SEGMENTS).store(DOUBLE, R10, Stack.AMOUNT, R1);
    }

    private void congestion() {
        if (!end.marksSurvive()) {
            return;
        }
        Label unmarked = a.label("unmarked");
        a.load(DOUBLE, R1, R10, Stack.TOS).and(R1, ECN).jumpIf(R1, NOT_EQUAL, ECN, unmarked);
        a.store(DOUBLE, R10, Stack.WALKS, 1).place(unmarked);
    }

    private Program finish() {
        a.place(refused);
        flow.end(Outcome.REFUSED, Verdict.DROP);
        flow.ends();
        return a.assemble();
    }
}
