package dev.peregrine.dataplane.linux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ThreadPriorityTest {
    /** Field 19 of proc_pid_stat(5); the second one, the name, may have blanks and ends at the last parenthesis. */
    private static int niceOfThisThread() throws Exception {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }

    private static <T> T onAThreadOfItsOwn(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().start(future);
        return future.get();
    }

    @Test
    void changesTheCallingThreadAlone() throws Exception {
        int before = niceOfThisThread();
        int own = onAThreadOfItsOwn(() -> {
            ThreadPriority.nice(ThreadPriority.LEAST);
            return niceOfThisThread();
        });
        assertEquals(ThreadPriority.LEAST, own);
        assertEquals(before, niceOfThisThread());
    }

    @Test
    void refusesWhatIsNoNiceValue() {
        assertThrows(IllegalArgumentException.class, () -> ThreadPriority.nice(-21));
        assertThrows(IllegalArgumentException.class, () -> ThreadPriority.nice(20));
    }

    @Test
    void setsTheSliceOfTheCallingThreadAlone() throws Exception {
        long before = ThreadPriority.slice();
        assumeTrue(before > 0, "this kernel has no slice for each thread (Linux before 6.12)");
        int nice = niceOfThisThread();
        assertEquals(20_000_000, (long) onAThreadOfItsOwn(() -> {
            ThreadPriority.slice(20_000_000);
            assertEquals(nice, niceOfThisThread());
            return ThreadPriority.slice();
        }));
        assertEquals(before, ThreadPriority.slice());
    }

    @Test
    void keepsTheNiceValueWithANewSlice() throws Exception {
        assertEquals(ThreadPriority.LEAST, (int) onAThreadOfItsOwn(() -> {
            ThreadPriority.nice(ThreadPriority.LEAST);
            ThreadPriority.slice(ThreadPriority.LONGEST_SLICE_NANOS);
            return niceOfThisThread();
        }));
    }

    @Test
    void refusesWhatIsNoSlice() {
        assertThrows(
                IllegalArgumentException.class, () -> ThreadPriority.slice(ThreadPriority.SHORTEST_SLICE_NANOS - 1));
        assertThrows(
                IllegalArgumentException.class, () -> ThreadPriority.slice(ThreadPriority.LONGEST_SLICE_NANOS + 1));
    }
}
