package dev.peregrine.dataplane.bpf;

import java.util.ArrayList;
import java.util.List;

/** A place in a program that jumps lead forward to. Made and used by one {@link Assembler}. */
public final class Label {
    final String name;
    /** The instructions that jump here. */
    final List<Integer> jumps = new ArrayList<>();

    boolean isPlaced;

    Label(String name) {
        this.name = name;
    }

    /** Whether a jump leads here: code that nothing leads to is refused by the kernel. */
    public boolean isUsed() {
        return !jumps.isEmpty();
    }

    @Override
    public String toString() {
        return name;
    }
}
