package dev.peregrine.dataplane.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A number with one writing thread. Any thread may read it, and sees a value that is at most a little old. */
public final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long value;

    /** Adds to the value; only the owner calls this. */
    public void add(long more) {
        VALUE.setOpaque(this, value + more);
    }

    /** Replaces the value; only the owner calls this. */
    public void set(long newValue) {
        VALUE.setOpaque(this, newValue);
    }

    /** The value. */
    public long value() {
        return (long) VALUE.getOpaque(this);
    }
}
