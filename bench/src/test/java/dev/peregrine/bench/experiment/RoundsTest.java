package dev.peregrine.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.bench.report.Machine;
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

    private Rounds rounds(int count) {
        Plan plan = new Plan(true, count, 1, 1, List.of(0), "peregrine bench fake");
        List<Case> cases = experiment.cases(plan);
        return new Rounds(
                experiment,
                cases,
                plan,
                new Machine("Pocket calculator", 2, 2048, "Linux 6.18", "Some JDK 25"),
                new OutcomeFolder(folder),
                new Progress(new PrintWriter(messages, true), count * cases.size(), plan.totalSeconds(cases.size())));
    }

    @Test
    void warmsUpThenTakesTurns() throws IOException, InterruptedException {
        rounds(2).run();
        assertEquals(List.of("A", "B", "A", "B", "A", "B"), experiment.calls);
    }

    @Test
    void tellsProgressAndTimeLeft() throws IOException, InterruptedException {
        rounds(2).run();
        assertEquals(4, messages.toString().lines().count());
        assertTrue(messages.toString().contains("fake  64 B  A"), messages.toString());
        assertTrue(messages.toString().lines().allMatch(line -> line.endsWith("left")), messages.toString());
    }

    @Test
    void writesResultsWithTheAgreedKeys() throws IOException, InterruptedException {
        Rounds rounds = rounds(3);
        rounds.run();
        JsonNode json = rounds.outcome().json();
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
        Rounds rounds = rounds(1);
        rounds.run();
        JsonNode rows = rounds.outcome().json().get("rows");
        assertEquals(false, rows.get(0).get("predicted").booleanValue());
        assertEquals(true, rows.get(2).get("predicted").booleanValue());
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("model (prediction)"));
        assertTrue(Files.readString(folder.resolve("fake-mpps.svg")).contains("model (prediction)"));
    }

    @Test
    void keepsWhatWasMeasuredWhenInterrupted() throws IOException {
        experiment.callsBeforeInterrupt = 5;
        Rounds rounds = rounds(4);
        assertThrows(InterruptedException.class, rounds::run);
        assertEquals(2, rounds.outcome().results().rounds());
        assertEquals(List.of(4.0, 6.0), rounds.outcome().results().values("64 B", "A", "mpps"));
        assertEquals(3, Files.readAllLines(folder.resolve("fake-samples.jsonl")).size());
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("Interrupted: 4 rounds were wanted"));
    }

    @Test
    void goesOnWhenACaseFails() throws IOException, InterruptedException {
        experiment.bFails = true;
        Rounds rounds = rounds(2);
        rounds.run();
        assertEquals(2, rounds.outcome().results().values("64 B", "A", "mpps").size());
        assertTrue(Files.readString(folder.resolve("fake.md")).contains("- 64 B · B: "));
        assertEquals(1, rounds.outcome().json().get("failures").size());
    }
}
