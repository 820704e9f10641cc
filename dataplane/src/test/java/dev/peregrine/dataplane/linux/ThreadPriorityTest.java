package dev.peregrine.dataplane.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
}
