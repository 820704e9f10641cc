package dev.peregrine.dataplane.testing.live;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A thread for which the kernel refuses one system call with EPERM, as a service's list of system calls makes it.
 * amd64.
 */
public final class RefusedCall {
    /** Numbers of system calls. */
    public static final int READ = 0;

    public static final int RECVMMSG = 299;

    /** Every descriptor. */
    public static final int ANY = -1;

    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_MODE_FILTER = 2;
    private static final int SECCOMP_RET_ALLOW = 0x7fff_0000;
    private static final int SECCOMP_RET_EPERM = 0x0005_0000 | 1;
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int NUMBER = 0;
    private static final int FIRST_ARGUMENT = 16;
    private static final int SECONDS = 20;

    private RefusedCall() {}

    /**
     * Runs a task on such a thread, and returns its result or throws its failure.
     *
     * @param fd the descriptor for which the call is refused, or {@link #ANY}
     */
    public static <T> T run(int number, int fd, Callable<T> task) throws Exception {
        Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "numbers of system calls are amd64's");
        FutureTask<T> running = new FutureTask<>(() -> {
            onThisThread(number, fd);
            return task.call();
        });
        Thread.ofPlatform().daemon().start(running);
        try {
            return running.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception failure ? failure : e;
        }
    }

    /** Has the kernel refuse a call of this thread from now on, until it ends. */
    public static void onThisThread(int number, int fd) {
        int[][] program = {
            {LOAD_WORD, 0, 0, NUMBER},
            {JUMP_EQUAL, 0, 3, number},
            {LOAD_WORD, 0, 0, FIRST_ARGUMENT},
            {JUMP_EQUAL, 0, fd == ANY ? 0 : 1, fd},
            {RETURN, 0, 0, SECCOMP_RET_EPERM},
            {RETURN, 0, 0, SECCOMP_RET_ALLOW}
        };
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(8L * program.length, 8);
            for (int i = 0; i < program.length; i++) {
                filter.set(ValueLayout.JAVA_SHORT, 8L * i, (short) program[i][0]);
                filter.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) program[i][1]);
                filter.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) program[i][2]);
                filter.set(ValueLayout.JAVA_INT, 8L * i + 4, program[i][3]);
            }
            MemorySegment whole = arena.allocate(16, 8);
            whole.set(ValueLayout.JAVA_SHORT, 0, (short) program.length);
            whole.set(ValueLayout.JAVA_LONG, 8, filter.address());
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0);
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, whole.address());
        }
    }

    @SuppressWarnings("restricted") // the build allows native access
    private static void prctl(int option, long second, long third) {
        Linker linker = Linker.nativeLinker();
        MethodHandle prctl = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("prctl"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        try {
            int result = (int) prctl.invokeExact(option, second, third, 0L, 0L);
            if (result != 0) throw new LabError("prctl " + option + " is refused", "");
        } catch (Throwable e) {
            throw new LabError("prctl", e);
        }
    }
}
