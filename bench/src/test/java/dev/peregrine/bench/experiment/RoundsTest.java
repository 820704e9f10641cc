package dev.peregrine.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.bench.machine.Machine;
import dev.peregrine.bench.report.Progress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundsTest {
    private final FakeExperiment experiment = new FakeExperiment();
    private final StringWriter messages = new StringWriter();

    @TempDir
    private Path folder;

    private Outcome outcome = outcome(0);

    private Outcome outcome(int rounds) {
        Plan plan = new Plan(true, rounds, 1, 1, List.of(0), "peregrine bench fake");
        return new Outcome(experiment, plan, new Machine("Pocket calculator", 2, 2048, "Linux 6.18", "Some JDK 25"));
    }

    private void run(int rounds) throws IOException, InterruptedException {
        outcome = outcome(rounds);
        List<Case> cases = experiment.cases(outcome.plan());
        Progress progress = new Progress(
                new PrintWriter(messages, true),
                rounds * cases.size(),
                outcome.plan().totalSeconds(cases));
        new Rounds(outcome, cases, OutcomeFolder.shared(folder, experiment), progress).run();
    }

    @Test
    void warmsUpThenTakesTurns() throws IOException, InterruptedException {
        run(2);
        assertEquals(List.of("A", "B", "A", "B", "A", "B"), experiment.calls);
    }

    @Test
    void tellsProgressAndTimeLeft() throws IOException, InterruptedException {
        run(2);
        List<String> lines = messages.toString().lines().toList();
        assertEquals("Warming up", lines.getFirst());
        assertEquals(5, lines.size());
        assertTrue(lines.get(1).contains("1/2 64 B · A"), lines.get(1));
        assertTrue(lines.stream().skip(1).allMatch(line -> line.endsWith("left")), messages.toString());
    }

    @Test
    void writesResultsWithTheAgreedKeys() throws IOException, InterruptedException {
        run(3);
        JsonNode json = outcome.json();
        assertEquals("fake", json.get("experiment").textValue());
        assertEquals("peregrine bench fake", json.get("command").textValue());
        assertTrue(json.get("machine").textValue().startsWith("Pocket calculator"));
        assertEquals(3, json.get("rounds").intValue());
        JsonNode row = json.get("rows").get(0);
        assertEquals("A", row.get("series").textValue());
        assertEquals(6, row.get("median").doubleValue()); // the first 2 warmed up
        JsonNode check = json.get("checks").get(0);
        assertEquals(2, check.get("value").doubleValue());
        assertEquals("×", check.get("unit").textValue());
        assertEquals("≥ 3", check.get("bound").textValue());
        assertEquals(false, check.get("holds").booleanValue());
        assertEquals("A / B", check.get("name").textValue());
    }

    @Test
    void labelsPredictions() throws IOException, InterruptedException {
        run(1);
        JsonNode rows = outcome.json().get("rows");
        assertEquals(false, rows.get(0).get("predicted").booleanValue());
        assertEquals(true, rows.get(2).get("predicted").booleanValue());
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("model (prediction)"));
    }

    @Test
    void keepsWhatWasMeasuredWhenInterrupted() throws IOException {
        experiment.callsBeforeInterrupt = 5;
        assertThrows(InterruptedException.class, () -> run(4));
        assertEquals(2, outcome.results().rounds());
        assertEquals(List.of(4.0, 6.0), outcome.results().values("64 B", "A", "mpps"));
        assertEquals(3, Files.readAllLines(folder.resolve("fake-samples.jsonl")).size());
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("Interrupted: 4 rounds were wanted"));
    }

    @Test
    void goesOnWhenACaseFails() throws IOException, InterruptedException {
        experiment.bFails = true;
        run(2);
        assertEquals(2, outcome.results().values("64 B", "A", "mpps").size());
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("- 64 B · B: "));
        assertEquals(1, outcome.json().get("failures").size());
    }

    @Test
    void keepsTheNoiseOfASampleInItsLine() throws IOException, InterruptedException {
        run(1);
        JsonNode sample = new ObjectMapper()
                .readTree(
                        Files.readAllLines(folder.resolve("fake-samples.jsonl")).getFirst());
        assertEquals("64 B", sample.get("point").textValue());
        assertEquals("A", sample.get("series").textValue());
        assertEquals(4, sample.get("metrics").get("mpps").doubleValue());
        assertTrue(sample.get("drops").isEmpty());
        assertTrue(sample.get("noise").has("othersPercent"));
    }

    @Test
    void linksTheReportToItsCharts() throws IOException, InterruptedException {
        run(1);
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("![fake: Throughput](fake-mpps.png)"));
        assertTrue(Files.size(folder.resolve("fake-mpps.png")) > 0);
    }
}
