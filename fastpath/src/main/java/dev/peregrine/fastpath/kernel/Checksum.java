package dev.peregrine.fastpath.kernel;

import static dev.peregrine.dataplane.bpf.Register.R1;
import static dev.peregrine.dataplane.bpf.Register.R2;

import dev.peregrine.dataplane.bpf.Assembler;

/** Sums of 16-bit words (RFC 1071) in programs. */
final class Checksum {
    private Checksum() {}

    /**
     * R1 comes down to 16 bits; R2 is lost. Each time takes at least 15 bits off, as long as there are more than 17.
     */
    static void fold(Assembler a, int times) {
        for (int i = 0; i < times; i++) {
            a.move(R2, R1).shiftRight(R2, Short.SIZE).and(R1, 0xffff).add(R1, R2);
        }
    }
}
