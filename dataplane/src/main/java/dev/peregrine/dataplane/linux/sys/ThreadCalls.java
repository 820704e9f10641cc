package dev.peregrine.dataplane.linux.sys;

import static dev.peregrine.dataplane.linux.sys.Downcall.ERRNO;
import static dev.peregrine.dataplane.linux.sys.Downcall.impossible;
import static dev.peregrine.dataplane.linux.sys.Downcall.link;
import static dev.peregrine.dataplane.linux.sys.Downcall.result;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The system calls that say where and how soon a thread runs; results are as those of {@link Syscalls}. */
final class ThreadCalls {
    private static final MethodHandle SCHED_GETAFFINITY = link("sched_getaffinity");
    private static final MethodHandle SCHED_SETAFFINITY = link("sched_setaffinity");
    private static final MethodHandle SETPRIORITY = link("setpriority");
    private static final long SYS_SCHED_SETATTR = Syscalls.IS_AMD64 ? 314 : 274;
    private static final long SYS_SCHED_GETATTR = Syscalls.IS_AMD64 ? 315 : 275;

    private ThreadCalls() {}

    /** {@code thread} 0 is the calling thread. */
    static int schedGetaffinity(int thread, long length, long mask) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SCHED_GETAFFINITY.invokeExact(errno, (long) thread, length, mask, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code thread} 0 is the calling thread. */
    static int schedSetaffinity(int thread, long length, long mask) {
        try {
            MemorySegment errno = ERRNO.get();
            return result((long) SCHED_SETAFFINITY.invokeExact(errno, (long) thread, length, mask, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code who} 0 is the calling thread. */
    static int setpriority(int which, int who, int value) {
        try {
            MemorySegment errno = ERRNO.get();
            return result(
                    (long) SETPRIORITY.invokeExact(errno, (long) which, (long) who, (long) value, 0L, 0L, 0L), errno);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code thread} 0 is the calling thread; {@code attributes} is the address of a {@code struct sched_attr}. */
    static int schedSetattr(int thread, long attributes) {
        return Syscalls.syscall(SYS_SCHED_SETATTR, thread, attributes, 0, 0);
    }

    /** {@code thread} 0 is the calling thread; {@code attributes} is the address of {@code length} bytes. */
    static int schedGetattr(int thread, long attributes, int length) {
        return Syscalls.syscall(SYS_SCHED_GETATTR, thread, attributes, length, 0);
    }
}
