package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.Globals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command line itself: global options, help and versions, and {@code check}. */
class CliTest extends ClientTest {
    @Test
    void globalOptionsStandAnywhere() {
        for (String[] words : List.of(
                new String[] {"--socket", socket.toString(), "--timeout", "9", "--json", "status"},
                new String[] {"status", "--socket", socket.toString(), "--timeout", "9", "--json"},
                new String[] {"--json", "status", "--timeout=9", "--socket=" + socket})) {
            Outcome outcome = run(words);
            assertEquals(0, outcome.exit(), outcome.toString());
            assertTrue(outcome.out().startsWith("{\n  \"version\" : \"1.2.3\""), outcome.toString());
        }
        Outcome between = run("fdb", "--socket", socket.toString(), "list", "--json", "vni", "42");
        assertEquals(0, between.exit(), between.toString());
    }

    @Test
    void helpAndVersionAreEverywhere() {
        for (String[] words : List.of(
                new String[] {"--version"},
                new String[] {"fdb", "--version"},
                new String[] {"fdb", "add", "--version"},
                new String[] {"vni", "list", "--version"})) {
            Outcome version = run(words);
            assertEquals(0, version.exit(), version.toString());
            assertTrue(version.out().matches("peregrine [0-9]+\\.[0-9]+\\.[0-9]+.*\\n"), version.toString());
        }
        for (String[] words : List.of(
                new String[] {"--help"},
                new String[] {"drop", "--help"},
                new String[] {"drop", "list", "--help"},
                new String[] {"fdb", "flush", "-h"})) {
            Outcome help = run(words);
            assertEquals(0, help.exit(), help.toString());
            assertTrue(help.out().startsWith("Usage: peregrine"), help.toString());
            assertTrue(help.out().contains("--timeout"), help.toString());
        }
    }

    @Test
    void helpOfPortsSaysWhoseRxAndTxAre() {
        String help = run("port", "list", "--help").out().replaceAll("\\s+", " ");
        assertTrue(help.contains("RX is what the workload sent, TX is what it was given."), help);
        for (String state : List.of("up", "waiting", "failed")) assertTrue(help.contains(state + " ("), help);
    }

    @Test
    void checkPrintsTheSchemaWithoutAFile() throws IOException {
        Outcome outcome = run("check", "--schema");
        assertEquals(0, outcome.exit());
        JsonNode schema = Globals.mapper().readTree(outcome.out());
        assertEquals(
                "https://json-schema.org/draft/2020-12/schema",
                schema.get("$schema").asText());
        assertEquals(4789, schema.at("/$defs/underlay/properties/port/default").asInt());
    }

    @Test
    void checkSaysWhatIsWrongWithAFile() throws IOException {
        Path good = Files.writeString(
                folder.resolve("good.yaml"),
                "underlay: {local: 198.18.0.2}\nfastpath: {}\nvnis: [{vni: 42, flood: [198.18.0.1]}]\n");
        assertEquals(new Outcome(0, good + " is valid\n", ""), run("check", "--config", good.toString()));
        Outcome effective = run("check", "--config", good.toString(), "--effective");
        assertEquals(0, effective.exit());
        assertTrue(effective.out().startsWith("underlay:\n  local: 198.18.0.2\n  port: 4789\n"), effective.out());

        Path bad = Files.writeString(folder.resolve("bad.yaml"), "underlay:\n  local: 198.18.0.2\n  port: 0\nx: 1\n");
        String portError = bad + ":3: underlay.port: found 0; expected an integer from 1 to 65535\n";
        Outcome refused = run("check", "--config", bad.toString());
        assertEquals(2, refused.exit());
        assertEquals("", refused.out());
        assertTrue(refused.err().startsWith(portError + bad + ":4: x: found an unknown key; expected "), refused.err());
        assertEquals(refused.err(), run("run", "--config", bad.toString()).err());
        JsonNode report = Globals.mapper()
                .readTree(run("check", "--json", "--config", bad.toString()).out());
        assertEquals(List.of("valid", "errors", "warnings"), names(report));
        assertEquals(
                "{\"file\":\"" + bad + "\",\"line\":3,\"key\":\"underlay.port\",\"found\":\"0\","
                        + "\"expected\":\"an integer from 1 to 65535\"}",
                report.path("errors").path(0).toString());
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
