package dev.peregrine.bench.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTimeTest {
    private static final int OWN = 100;
    private static final String STAT = "cpu  1000 0 1000 8000 0 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
    private static final long SECOND = 1_000_000_000L;

    @Test
    void readsAProcessWhateverItsName() {
        String stat =
                "4242 (a (b) c d) S 17 1 1 0 -1 4194560 1 2 3 4 50 60 7 8 20 0 1 0 987654 1000 10 18446744073709551615";
        ProcessTime process = ProcessTime.parse(stat).orElseThrow();
        assertEquals(new ProcessTime(4242, 17, "a (b) c d", false, 987_654, 125), process);
        assertTrue(ProcessTime.parse("12 (kworker/0:0) I 2 0 0 0 -1 69238880 0 0 0 0 0 5 0 0 20 0 1 0 42 0 0")
                .orElseThrow()
                .kernelThread());
        assertTrue(ProcessTime.parse("4242 (cut o").isEmpty());
        assertTrue(ProcessTime.parse("4242 (cut) S 17").isEmpty());
    }

    @Test
    void knowsAChildOfThisJvmForItsOwn(@TempDir Path folder) throws IOException {
        Path shell = Files.copy(Path.of("/bin/sh"), folder.resolve("busychild"), StandardCopyOption.COPY_ATTRIBUTES);
        Process child = new ProcessBuilder(shell.toString(), "-c", "while :; do :; done").start();
        try {
            MachineTime before = MachineTime.now();
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
                while (cpuTime(child).toMillis() < 200) {
                    Thread.onSpinWait();
                }
            });
            Noise noise = MachineTime.now().since(before);
            assertFalse(noise.processes().containsKey("busychild"), noise.toString());
        } finally {
            child.destroyForcibly();
        }
    }

    private static Duration cpuTime(Process process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Test
    void countsProcessesThatAreNeitherOwnNorTheKernels() {
        MachineTime before =
                at(0, STAT, process(OWN, 1, "java", 10), process(101, OWN, "iperf3", 0), process(7, 1, "javac", 40));
        MachineTime after = at(
                SECOND,
                STAT,
                process(OWN, 1, "java", 90),
                process(101, OWN, "iperf3", 80),
                process(7, 1, "javac", 70),
                process(8, 7, "as", 5),
                new ProcessTime(9, 2, "ksoftirqd/0", true, 0, 50));
        Noise noise = after.since(before);
        assertEquals(35.0, noise.othersPercent(), 1e-9);
        assertEquals(Map.of("javac", 30.0, "as", 5.0), noise.processes());
        assertTrue(noise.noisy());
        assertEquals(0.5, noise.load());
    }

    @Test
    void doesNotCountTwiceWhatAnEndedProcessLeavesToItsParent() {
        MachineTime before = at(0, STAT, process(7, 1, "make", 40), process(8, 7, "as", 30));
        MachineTime after = at(SECOND, STAT, process(7, 1, "make", 73));
        Noise noise = after.since(before);
        assertEquals(3.0, noise.othersPercent(), 1e-9);
        assertFalse(noise.noisy());
    }

    @Test
    void knowsItsOwnThatLostTheirParent() {
        MachineTime before = at(0, STAT, process(OWN, 1, "java", 10), process(101, OWN, "daemon", 500));
        MachineTime after = at(SECOND, STAT, process(OWN, 1, "java", 10), process(101, 1, "daemon", 600));
        assertEquals(0.0, after.since(before).othersPercent());
    }

    @Test
    void noticesSteal() {
        MachineTime after = at(SECOND, "cpu  1010 0 1010 8075 0 0 0 5 0 0\n");
        Noise noise = after.since(at(0, STAT));
        assertEquals(5.0, noise.stealPercent(), 1e-9);
        assertTrue(noise.noisy());
    }

    private static MachineTime at(long nanos, String stat, ProcessTime... processes) {
        Map<Integer, ProcessTime> byId =
                Arrays.stream(processes).collect(Collectors.toMap(ProcessTime::pid, Function.identity()));
        return MachineTime.of(nanos, stat, 0.5, byId, OWN);
    }

    private static ProcessTime process(int pid, int parent, String name, long ticks) {
        return new ProcessTime(pid, parent, name, false, 1, ticks);
    }
}
