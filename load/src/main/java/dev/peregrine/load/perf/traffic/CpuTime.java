package dev.peregrine.load.perf.traffic;

import dev.peregrine.load.Rates;
import java.time.Duration;

/** The time that this process takes of the machine's cores from now on. */
public final class CpuTime {
    private final long start = System.nanoTime();
    private final Duration before = used();

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** In percent of one core. */
    public double percent() {
        double elapsed = System.nanoTime() - start;
        return Rates.round(100.0 * used().minus(before).toNanos() / elapsed);
    }
}
