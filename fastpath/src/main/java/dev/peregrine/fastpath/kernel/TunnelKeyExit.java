package dev.peregrine.fastpath.kernel;

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
import dev.peregrine.fastpath.kernel.table.Slot;

/**
 * The end of a program that gives a frame to the helper device, which puts the headers on: VNI, VTEP, local address,
 * DSCP, TTL and DF go with it as a tunnel key.
 *
 * <p>The outer source port is the kernel's hash of the flow, within the range that the helper device has: one flow has
 * one port, but another one than by the gateway.
 */
final class TunnelKeyExit {
    private static final int ECN = 3;
    private static final int ECN_BITS = 2;

    private final Assembler a;
    private final TunnelEnd end;
    private final Label refused;

    TunnelKeyExit(Assembler assembler, TunnelEnd end, Label refused) {
        a = assembler;
        this.end = end;
        this.refused = refused;
    }

    /** Sets the key. Wants R6 = context, R9 = slot. */
    void write() {
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
        end.loadTtl(a);
        a.store(BYTE, R10, Stack.TUNNEL_KEY + TunnelKey.TTL, R1);
    }

    private int flags() {
        int flags = (end.df() ? TunnelKey.DONT_FRAGMENT : 0) | (end.isIpv6() ? TunnelKey.IPV6 : 0);
        return flags | (end.checksum() ? 0 : TunnelKey.ZERO_CHECKSUM);
    }

    /** Copies the key that was set to entry 0 of {@code seen}, with remote and local address exchanged. */
    void show(FlowMatch flow, BpfMap seen) {
        a.move(R1, R6)
                .move(R2, R10)
                .add(R2, Stack.TUNNEL_KEY)
                .move(R3, TunnelKey.SIZE)
                .move(R4, end.isIpv6() ? TunnelKey.IPV6 : 0);
        a.call(KernelFunction.SKB_GET_TUNNEL_KEY).jumpIf(R0, NOT_EQUAL, 0, refused);
        a.store(WORD, R10, Stack.ARGUMENT, 0);
        flow.look(seen, Stack.ARGUMENT, refused);
        for (int at = 0; at < TunnelKey.SIZE; at += Integer.BYTES) {
            a.load(WORD, R1, R10, Stack.TUNNEL_KEY + at).store(WORD, R0, at, R1);
        }
    }

    /** To the helper device. */
    void leave() {
        a.load(WORD, R1, R9, Slot.IFINDEX)
                .move(R2, 0)
                .call(KernelFunction.REDIRECT)
                .exit();
    }
}
