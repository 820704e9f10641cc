package dev.peregrine.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class CaseJvmTest {
    private static final double SECONDS = 0.05;

    private final Plan plan = new Plan(true, 1, SECONDS, SECONDS, List.of(0), "");
    private final Experiment experiment = Catalogue.find("E10").orElseThrow();

    @Test
    void measuresOneCaseInAnotherJvmAsOftenAsItIsAsked() throws IOException, InterruptedException {
        try (CaseJvm jvm = new CaseJvm(experiment, 0, plan)) {
            for (int i = 0; i < 2; i++) {
                Map<String, Double> metrics = jvm.measure(SECONDS);
                assertTrue(metrics.getOrDefault("cost", 0.0) > 0, metrics.toString());
            }
        }
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
