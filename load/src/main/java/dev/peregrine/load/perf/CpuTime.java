package dev.peregrine.load.perf;

import dev.peregrine.load.Rates;
import java.time.Duration;

/** The time that this process takes of the machine's cores from now on. */
final class CpuTime {
    private final long start = System.nanoTime();
    private final Duration before = used();

    private static Duration used() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** In percent of one core. */
    double percent() {
        double elapsed = System.nanoTime() - start;
        return Rates.round(100.0 * used().minus(before).toNanos() / elapsed);
    }
}
