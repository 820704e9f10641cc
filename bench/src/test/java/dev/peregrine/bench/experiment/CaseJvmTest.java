package dev.peregrine.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class CaseJvmTest {
    private static final double SECONDS = 0.05;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Plan plan = new Plan(true, 1, SECONDS, SECONDS, List.of(0), "");
    private final Experiment experiment = Catalogue.find("E10").orElseThrow();

    @Test
    void measuresOneCaseInAnotherJvmAsOftenAsItIsAsked() throws IOException, InterruptedException {
        try (CaseJvm jvm = new CaseJvm(experiment, 0, plan)) {
            for (int i = 0; i < 2; i++) {
                awaitCost(jvm);
            }
        }
    }

    /** Another JVM may get no packet through in a short window while others have the CPUs: then it is asked again. */
    private static void awaitCost(CaseJvm jvm) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Map<String, Double> metrics;
        do {
            metrics = jvm.measure(SECONDS);
            if (metrics.getOrDefault("cost", 0.0) > 0) {
                return;
            }
        } while (System.nanoTime() < deadline);
        fail("no packet got through: " + metrics);
    }

    @Test
    void tellsWhenTheOtherJvmHasEnded() throws IOException, InterruptedException {
        try (CaseJvm jvm = new CaseJvm(experiment, 1_000_000, plan)) {
            String message = assertThrows(IllegalStateException.class, () -> jvm.measure(SECONDS))
                    .getMessage();
            assertEquals("its JVM has ended", message);
        }
    }
}
