package dev.peregrine.bench.econ;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class IsolationTest {
    private static final double SECONDS = 0.05;

    @Test
    void theWholeKeyMisdeliversNothingAndEconsKeyDoes() throws IOException, InterruptedException {
        List<Integer> cpus = List.of(CpuAffinity.current()[0]);
        for (Case one : new Isolation().cases(new Plan(true, 1, SECONDS, 0, cpus, "test"))) {
            double misdelivered = one.measurement().measure(SECONDS).getOrDefault("misdelivered", Double.NaN);
            if (one.series().equals("whole key")) {
                assertEquals(0, misdelivered, one.point());
            } else {
                assertTrue(misdelivered > 0, one.point() + " by " + one.series());
            }
        }
    }
}
