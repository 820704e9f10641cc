package dev.peregrine.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.machine.Machine;
import dev.peregrine.bench.machine.Noise;
import dev.peregrine.bench.report.Picture;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class CatalogueTest {
    private static final double SECONDS = 0.02;

    @Test
    void namesAreUniqueWhateverTheirCase() {
        List<Experiment> all = Catalogue.all();
        Set<String> names = all.stream()
                .map(experiment -> experiment.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        assertEquals(all.size(), names.size());
    }

    /** From {@code docs/experiments}: question, method, result, limits. */
    @Test
    void everyExperimentIsDescribed() throws IOException {
        for (Experiment experiment : Catalogue.all()) {
            String page = experiment.page();
            String text = Files.readString(Path.of("..", page.substring(0, page.indexOf('#'))));
            assertTrue(text.lines().anyMatch(line -> line.equals("## " + experiment.name())), page);
        }
    }

    @Test
    void everyExperimentMeasuresWhatItDeclares() throws IOException, InterruptedException {
        int cpu = CpuAffinity.current()[0];
        Plan plan = new Plan(true, 1, SECONDS, SECONDS, List.of(cpu, cpu), "test");
        for (Experiment experiment : Catalogue.all()) {
            List<Case> cases = experiment.cases(plan);
            assertFalse(cases.isEmpty(), experiment.name());
            Results results = new Results();
            for (Case each : List.of(cases.getFirst(), cases.getLast())) {
                Map<String, Double> metrics = each.measurement().measure(SECONDS);
                results.add(new Sample(each.point(), each.series(), 1, metrics, Map.of(), Noise.NONE));
                assertTrue(
                        experiment.metrics().stream().anyMatch(metric -> metrics.containsKey(metric.name())),
                        experiment.name() + ": " + metrics);
            }
            Outcome outcome =
                    new Outcome(experiment, plan, new Machine("Pocket calculator", 2, 2048, "Linux", "JDK"), results);
            assertFalse(outcome.json().get("rows").isEmpty(), experiment.name());
            assertTrue(Report.markdown(outcome).contains("# " + experiment.name()));
            for (Picture chart : experiment.charts(results)) {
                assertTrue(chart.png().length > 0, chart.fileName());
            }
        }
    }
}
