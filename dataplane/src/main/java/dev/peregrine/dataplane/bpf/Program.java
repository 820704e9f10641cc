package dev.peregrine.dataplane.bpf;

import java.util.Arrays;

/** An assembled program: its name and its instructions, 8 bytes each, in the host's byte order. Immutable. */
public final class Program {
    static final int INSTRUCTION_SIZE = 8;

    private final String name;
    private final byte[] bytes;

    Program(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    /** As the kernel shows it ({@code bpftool prog}). */
    public String name() {
        return name;
    }

    /** The number of instructions; an immediate of 64 bits counts as two. */
    public int length() {
        return bytes.length / INSTRUCTION_SIZE;
    }

    /** A copy of the instructions. */
    public byte[] bytes() {
        return Arrays.copyOf(bytes, bytes.length);
    }

    @Override
    public String toString() {
        return name + ", " + length() + " instructions";
    }
}
