package dev.peregrine.dataplane.linux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * How functions of the C library are linked, and what a call of one has said; the only class that links native code.
 * No handle is {@code critical}, since any of these may block or copy much, and a critical call holds up every safepoint.
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
    static MethodHandle link(String name, int arguments) {
        return downcall(name, arguments, CAPTURE_ERRNO);
    }

    /** For a C function whose arguments from number {@code fixed} on, counted from 0, are variadic. */
    static MethodHandle variadic(String name, int arguments, int fixed) {
        return downcall(name, arguments, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(fixed));
    }

    /**
     * Every argument and result is a register of 64 bits, of which a C function reads and writes the lower half where it
     * has an int. So there are as few shapes of calls as numbers of arguments, and the JVM, which generates code for each
     * shape when the program starts, has little to do.
     */
    @SuppressWarnings("restricted")
    private static MethodHandle downcall(String name, int arguments, Linker.Option... options) {
        MemoryLayout[] registers = new MemoryLayout[arguments];
        Arrays.fill(registers, JAVA_LONG);
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_LONG, registers), options);
    }
}
