package dev.peregrine.dataplane.bpf;

/**
 * A register of 64 bits. At the start {@link #R1} is the address of the {@link SkBuff} and {@link #R10} the end of the
 * program's stack of 512 bytes. A call takes its arguments from R1 to R5, returns in {@link #R0} and leaves R1 to R5
 * without a value; R6 to R9 stay.
 */
public enum Register {
    /** The result of a call, and of the program: a {@link Verdict}. */
    R0(0),
    R1(1),
    R2(2),
    R3(3),
    R4(4),
    R5(5),
    R6(6),
    R7(7),
    R8(8),
    R9(9),
    /** Points behind the stack, which grows down; cannot be written. */
    R10(10);

    final int number;

    Register(int number) {
        this.number = number;
    }
}
