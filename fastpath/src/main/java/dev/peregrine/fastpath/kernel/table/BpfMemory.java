package dev.peregrine.fastpath.kernel.table;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.VarHandle;

/** Words of memory that programs write at the same time, by their offset. */
final class BpfMemory {
    static final VarHandle LONG = JAVA_LONG.varHandle();
    static final VarHandle INT = JAVA_INT.varHandle();

    private BpfMemory() {}
}
