package dev.peregrine.bench.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CpuTimeTest {
    private static final String CORES = "cpu0 1 1 1 1 1 1 1 1 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0\nintr 5 6\n";
    private static final long SECOND = 1_000_000_000L;

    @Test
    void countsAllTimeInWhichNoCoreWasIdle() {
        long before = CpuTime.busyNanos("cpu  10 20 30 1000 2000 40 50 60 0 0\n" + CORES, 7 * SECOND);
        long after = CpuTime.busyNanos("cpu  11 20 30 1090 2005 40 50 65 0 0\n" + CORES, 8 * SECOND);
        assertEquals(SECOND, after - before);
    }
}
