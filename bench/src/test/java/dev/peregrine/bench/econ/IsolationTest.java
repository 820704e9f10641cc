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
    private static final int ATTEMPTS = 20;

    @Test
    void theWholeKeyMisdeliversNothingAndEconsKeyDoes() throws IOException, InterruptedException {
        List<Integer> cpus = List.of(CpuAffinity.current()[0]);
        for (Case one : new Isolation().cases(new Plan(true, 1, SECONDS, 0, cpus, "test"))) {
            if (one.series().equals("whole key")) {
                assertEquals(0, misdelivered(one), one.point());
            } else {
                assertTrue(isMisdelivered(one), one.point() + " by " + one.series());
            }
        }
    }

    private static double misdelivered(Case one) throws IOException, InterruptedException {
        return one.measurement().measure(SECONDS).getOrDefault("misdelivered", Double.NaN);
    }

    /** On a busy machine a short measurement may get no turn at all. */
    private static boolean isMisdelivered(Case one) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (misdelivered(one) > 0) {
                return true;
            }
        }
        return false;
    }
}
