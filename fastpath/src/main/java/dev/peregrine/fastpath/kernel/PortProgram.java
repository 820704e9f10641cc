package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Condition.ABOVE;
import static dev.peregrine.dataplane.bpf.Condition.AT_LEAST;
import static dev.peregrine.dataplane.bpf.Condition.NOT_EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R0;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R4;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Register.R9;
import static dev.peregrine.dataplane.bpf.Width.BYTE;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.BpfMap;
import dev.peregrine.dataplane.bpf.KernelFunction;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.bpf.Verdict;

/**
 * Where frames of a workload come in, at the ingress hook of the outer end of its veth pair: says to which VTEP a frame
 * of a known flow goes, and gives it to the helper device, which puts the headers on.
 *
 * <pre>
 *   workload ─► veth ─► this ─► helper device ─► IP ─► underlay
 *                        │       headers, checksums, superframes whole, ECN as RFC 3168 has it
 *                        └ VNI, VTEP, local address, DSCP, TTL, DF
 * </pre>
 *
 * <p>The outer source port is the kernel's hash of the flow, within the range that the helper device has: one flow has
 * one port, but another one than by the gateway. Frames whose marks the helper device would not copy (congestion
 * experienced, where RFC 6040 is configured) walk.
 */
public final class PortProgram {
    /** Bytes of a tunnel key, {@code struct bpf_tunnel_key}. */
    public static final int TUNNEL_KEY_BYTES = TunnelKey.SIZE;

    private static final int ECN = 3;
    private static final int ECN_BITS = 2;

    private final Assembler a = new Assembler("pg_port");
    private final Label next = a.label("next");
    private final Label refused = a.label("refused");
    private final FrameParser parser = new FrameParser(a, next);
    private final FlowMatch flow;
    private final KernelTables tables;
    private final TunnelEnd end;

    private PortProgram(KernelTables tables, TunnelEnd end) {
        this.end = end;
        this.tables = tables;
        flow = new FlowMatch(a, tables, next);
    }

    /** The program for all ports: it tells them apart by the number of their interface. */
    public static Program of(KernelTables tables, TunnelEnd end) {
        PortProgram program = new PortProgram(tables, end);
        program.toTunnelKey();
        program.leave();
        return program.finish();
    }

    /**
     * The same, to see what becomes of a frame: the tunnel key that the helper device would get goes to entry 0 of
     * {@code seen}, an array of {@link #TUNNEL_KEY_BYTES}, with remote and local address exchanged.
     */
    public static Program probe(KernelTables tables, TunnelEnd end, BpfMap seen) {
        PortProgram program = new PortProgram(tables, end);
        program.toTunnelKey();
        program.show(seen);
        program.leave();
        return program.finish();
    }

    private void show(BpfMap seen) {
        int flags = end.isIpv6() ? TunnelKey.IPV6 : 0;
        a.move(R1, R6)
                .move(R2, R10)
                .add(R2, Stack.TUNNEL_KEY)
                .move(R3, TunnelKey.SIZE)
                .move(R4, flags);
        a.call(KernelFunction.SKB_GET_TUNNEL_KEY).jumpIf(R0, NOT_EQUAL, 0, refused);
        a.store(WORD, R10, Stack.ARGUMENT, 0);
        flow.look(seen, Stack.ARGUMENT, refused);
        for (int at = 0; at < TunnelKey.SIZE; at += Integer.BYTES) {
            a.load(WORD, R1, R10, Stack.TUNNEL_KEY + at).store(WORD, R0, at, R1);
        }
    }

    private void toTunnelKey() {
        a.move(R6, R1);
        parser.data();
        parser.frame(0, /* hasTagsInside= */ false);
        parser.kernelTag();
        ingress();
        Superframe.lengths(a, next);
        tables.orders.ofFrame(a);
        a.load(DOUBLE, R1, R10, Stack.SEGMENTS).store(DOUBLE, R10, Stack.AMOUNT, R1);
        congestion();
        flow.match();
        tunnelKey();
    }

    private void ingress() {
        a.store(DOUBLE, R10, Stack.KEY + KernelKey.TUNNEL, 0);
        a.load(WORD, R1, R6, SkBuff.IFINDEX).jumpIf(R1, AT_LEAST, KernelKey.INGRESSES, next);
        flow.ingress();
    }

    private void congestion() {
        if (!end.marksSurvive()) {
            return;
        }
        Label unmarked = a.label("unmarked");
        a.load(DOUBLE, R1, R10, Stack.TOS).and(R1, ECN).jumpIf(R1, NOT_EQUAL, ECN, unmarked);
        a.store(DOUBLE, R10, Stack.WALKS, 1).place(unmarked);
    }

    private void tunnelKey() {
        for (int at = 0; at < TunnelKey.SIZE; at += Long.BYTES) {
            a.store(DOUBLE, R10, Stack.TUNNEL_KEY + at, 0);
        }
        a.load(WORD, R1, R9, Slot.VNI).store(WORD, R10, Stack.TUNNEL_KEY + TunnelKey.ID, R1);
        int words = end.isIpv6() ? 4 : 1;
        for (int i = 0; i < words; i++) {
            int at = i * Integer.BYTES;
            a.load(WORD, R1, R9, Slot.REMOTE + at).store(WORD, R10, Stack.TUNNEL_KEY + TunnelKey.REMOTE + at, R1);
            int local = end.isIpv6() ? end.localWord(i) : Assembler.be32(end.localWord(i));
            a.store(WORD, R10, Stack.TUNNEL_KEY + TunnelKey.LOCAL + at, local);
        }
        dscp();
        ttl();
        a.move(R1, R6)
                .move(R2, R10)
                .add(R2, Stack.TUNNEL_KEY)
                .move(R3, TunnelKey.SIZE)
                .move(R4, flags());
        a.call(KernelFunction.SKB_SET_TUNNEL_KEY).jumpIf(R0, NOT_EQUAL, 0, refused);
    }

    /** The helper device adds the ECN bits. */
    private void dscp() {
        if (end.dscp() == TunnelEnd.INHERIT) {
            a.load(DOUBLE, R1, R10, Stack.TOS).and(R1, 0xff & ~ECN);
        } else {
            a.move(R1, end.dscp() << ECN_BITS);
        }
        a.store(BYTE, R10, Stack.TUNNEL_KEY + TunnelKey.TOS, R1);
    }

    /** An inner TTL of zero becomes one: zero cannot be sent. */
    private void ttl() {
        if (end.ttl() == TunnelEnd.INHERIT) {
            Label alive = a.label("alive");
            a.load(DOUBLE, R1, R10, Stack.TTL)
                    .jumpIf(R1, ABOVE, 0, alive)
                    .move(R1, 1)
                    .place(alive);
        } else {
            a.move(R1, end.ttl());
        }
        a.store(BYTE, R10, Stack.TUNNEL_KEY + TunnelKey.TTL, R1);
    }

    private int flags() {
        int flags = end.df() ? TunnelKey.DONT_FRAGMENT : 0;
        return flags | (end.isIpv6() ? TunnelKey.IPV6 : end.checksum() ? 0 : TunnelKey.ZERO_CHECKSUM);
    }

    private void leave() {
        flow.tally();
        a.load(WORD, R1, R9, Slot.IFINDEX)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT)
                .exit();
    }

    private Program finish() {
        a.place(refused);
        flow.end(Outcome.REFUSED, Verdict.DROP);
        flow.ends();
        return a.assemble();
    }
}
