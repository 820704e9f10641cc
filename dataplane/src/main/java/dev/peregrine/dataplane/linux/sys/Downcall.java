package dev.peregrine.dataplane.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * How functions of the C library are linked, and what a call of one has said; the only class that links native code. No
 * handle is {@code critical}, since any of these may block or copy much, and a critical call holds up every safepoint.
 */
final class Downcall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    /** Where errno is in a cell. */
    static final long ERRNO_OFFSET = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    /**
     * Where a call leaves errno: one cell per thread, never freed while the thread lives, so calls allocate nothing.
     */
    static final ThreadLocal<MemorySegment> ERRNO =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    /**
     * All calls have this one shape, since the JVM generates code for each when the program starts: six registers of 64
     * bits, as many as the kernel takes. A C function reads the lower halves of those where it has an int, leaves alone
     * those that it has no argument for, and on amd64 and aarch64 finds variadic arguments in the same ones.
     */
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private Downcall() {}

    /** A function's result that is a C int, or {@code -errno} where that is negative. */
    static int result(long register, MemorySegment errno) {
        int result = (int) register; // a C int leaves the upper half undefined
        return result >= 0 ? result : -errno.get(JAVA_INT, ERRNO_OFFSET);
    }

    /** For what an {@code invokeExact} declares and never throws. */
    static AssertionError impossible(Throwable e) {
        return new AssertionError("a downcall threw", e);
    }

    /** The function of a name; the cell for errno is its first parameter. */
    @SuppressWarnings("restricted")
    static MethodHandle link(String name) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), SHAPE, CAPTURE_ERRNO);
    }
}
