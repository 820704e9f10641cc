package dev.peregrine.bench.wire.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CpuTimeTest {
    @Test
    void countsAllCpuTimeButIdleTime() {
        String stat = "cpu  10 20 30 1000 2000 40 50 60 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assertEquals((10 + 20 + 30 + 40 + 50) * 10_000_000L, CpuTime.busyNanos(stat));
    }
}
