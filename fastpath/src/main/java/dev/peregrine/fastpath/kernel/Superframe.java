package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Condition.EQUAL;
import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R10;
import static dev.peregrine.dataplane.bpf.Register.R2;
import static dev.peregrine.dataplane.bpf.Register.R3;
import static dev.peregrine.dataplane.bpf.Register.R6;
import static dev.peregrine.dataplane.bpf.Width.DOUBLE;
import static dev.peregrine.dataplane.bpf.Width.WORD;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.Label;
import dev.peregrine.dataplane.bpf.SkBuff;

/**
 * The part of a program that finds out how a frame is counted: as one, or a superframe as its segments.
 *
 * <pre>
 *   superframe   | headers | size | size | size | rest |      4 packets, the longest of headers + size bytes,
 *                                                             together bytes of the frame + 3 × headers
 * </pre>
 */
final class Superframe {
    private Superframe() {}

    /** Sets LONGEST, SEGMENTS and BYTES of a frame without tunnel headers, by its HEADERS. Wants R6 = context. */
    static void lengths(Assembler a, Label unknown) {
        Label plain = a.label("plain");
        Label counted = a.label("counted");
        a.load(WORD, R1, R6, SkBuff.LEN).load(DOUBLE, R3, R10, Stack.HEADERS);
        a.load(WORD, R2, R6, SkBuff.VLAN_PRESENT).shiftLeft(R2, 2).add(R1, R2);
        a.load(WORD, R2, R6, SkBuff.GSO_SIZE).jumpIf(R2, EQUAL, 0, plain);
        a.add(R2, R3).store(DOUBLE, R10, Stack.LONGEST, R2);
        a.load(WORD, R2, R6, SkBuff.GSO_SEGS).jumpIf(R2, EQUAL, 0, unknown);
        a.store(DOUBLE, R10, Stack.SEGMENTS, R2)
                .subtract(R2, 1)
                .multiply(R2, R3)
                .add(R1, R2)
                .jump(counted);
        a.place(plain).store(DOUBLE, R10, Stack.LONGEST, R1).store(DOUBLE, R10, Stack.SEGMENTS, 1);
        a.place(counted).store(DOUBLE, R10, Stack.BYTES, R1);
    }
}
