package dev.peregrine.dataplane.linux.sys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class CpuAffinityTest {
    @Test
    void pinsTheCallingThreadAlone() throws Exception {
        int[] all = CpuAffinity.current();
        assertTrue(all.length > 0);
        int last = all[all.length - 1];
        CompletableFuture<int[]> pinned = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                CpuAffinity.pin(last);
                pinned.complete(CpuAffinity.current());
            } catch (LinuxException e) {
                pinned.completeExceptionally(e);
            }
        });
        assertArrayEquals(new int[] {last}, await(pinned));
        thread.join();
        assertArrayEquals(all, CpuAffinity.current());
    }

    @Test
    void bindsAnotherThread() throws Exception {
        int last = CpuAffinity.current()[CpuAffinity.current().length - 1];
        CompletableFuture<Integer> number = new CompletableFuture<>();
        CompletableFuture<Void> isBound = new CompletableFuture<>();
        CompletableFuture<int[]> cpus = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
                number.complete(Integer.valueOf(self.getFileName().toString()));
                isBound.get();
                cpus.complete(CpuAffinity.current());
            } catch (Exception e) {
                number.completeExceptionally(e);
                cpus.completeExceptionally(e);
            }
        });
        CpuAffinity.bind(number.get(), last);
        isBound.complete(null);
        assertArrayEquals(new int[] {last}, await(cpus));
        thread.join();
    }

    private static int[] await(CompletableFuture<int[]> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    @Test
    void refusesCpusThatAreNotThere() {
        LinuxException e = assertThrows(LinuxException.class, () -> CpuAffinity.pin(8_191));
        assertEquals(Errno.EINVAL, e.errno());
        assertTrue(e.getMessage().startsWith("sched_setaffinity(CPUs [8191]): EINVAL"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> CpuAffinity.pin(8_192));
    }
}
