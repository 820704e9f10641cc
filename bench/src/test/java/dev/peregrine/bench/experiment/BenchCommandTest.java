package dev.peregrine.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.command.Cli;
import dev.peregrine.gateway.command.client.Exit;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int bench(String... arguments) {
        Cli cli = new Cli(
                file -> {
                    throw new AssertionError("no gateway is wanted");
                },
                new PrintWriter(out),
                new PrintWriter(err));
        return cli.execute(arguments);
    }

    @Test
    void printsWhatThereIs() {
        assertEquals(Exit.DONE, bench("bench"));
        assertTrue(out.toString().lines().anyMatch(line -> line.startsWith("stages ")), out.toString());
    }

    @Test
    void refusesAnUnknownExperiment() {
        assertEquals(Exit.USAGE, bench("bench", "E99"));
        assertTrue(err.toString().contains("there is no experiment E99"), err.toString());
    }

    @Test
    void refusesNumbersThatMakeNoSense() {
        assertEquals(Exit.USAGE, bench("bench", "stages", "--rounds", "0"));
        assertEquals(Exit.USAGE, bench("bench", "stages", "--seconds", "nan"));
    }

    @Test
    void runsAnExperimentAndPrintsJson() throws IOException {
        int exit = bench(
                "--json",
                "bench",
                "STAGES",
                "--quick",
                "--rounds",
                "1",
                "--seconds",
                "0.05",
                "--warm-up",
                "0.05",
                "--out",
                folder.toString());
        assertEquals(Exit.DONE, exit, err.toString());
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertEquals("stages", json.get("experiment").textValue());
        assertEquals(0, json.get("failures").size(), json.toPrettyString());
        assertTrue(json.get("rows").size() > 10);
        assertTrue(Files.exists(folder.resolve("stages.md")));
        assertTrue(Files.exists(folder.resolve("stages.png")));
    }
}
