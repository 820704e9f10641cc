package dev.peregrine.gateway.live.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.Main;
import dev.peregrine.gateway.live.lab.Jvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The answer of one run of {@code peregrine doctor --json}, as a process of its own. */
final class Examination {
    /** Checks whose results depend on the machine alone, and why no lab can make them healthy. */
    static final Map<String, String> OF_THE_MACHINE = Map.of(
            "clock", "the kernel has one clock source",
            "huge-pages", "they are a setting of the kernel",
            "cpu-limit", "the tests may run in a control group with a quota",
            "interrupts", "a test may not move those of the machine");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Command.Result result;
    private final Map<String, JsonNode> lines = new LinkedHashMap<>();

    private Examination(Command.Result result) {
        this.result = result;
        try {
            for (JsonNode line : JSON.readTree(result.output()))
                lines.put(line.path("check").asText(), line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(result.toString(), e);
        }
        boolean fails = lines.values().stream().anyMatch(line -> result(line).equals("fail"));
        assertEquals(fails ? 1 : 0, result.exit(), result::toString);
    }

    /** On a host of the lab, for a configuration. */
    static Examination of(Namespace host, Path config) {
        return of(host, config, List.of());
    }

    /** Behind words that change what the process may see or do. */
    static Examination of(Namespace host, Path config, List<String> before) {
        List<String> words = new ArrayList<>(before);
        words.addAll(doctor(config));
        return new Examination(Command.run(host.words(words)));
    }

    /** As {@link #of}, with the test's own {@code /sys}, which shows control groups; {@code ip netns exec} hides it. */
    static Examination withControlGroups(Namespace host, Path config, List<String> before) {
        List<String> words = new ArrayList<>(before);
        words.addAll(List.of("nsenter", "--net=/run/netns/" + host.name()));
        words.addAll(doctor(config));
        return new Examination(Command.run(words));
    }

    private static List<String> doctor(Path config) {
        return Jvm.words(Main.class, "--json", "doctor", "--config", config.toString());
    }

    /** Of the gateway at a socket, from the tests' own namespace and without a configuration. */
    static Examination of(Path socket) {
        return new Examination(Command.run(Jvm.words(Main.class, "--json", "--socket", socket.toString(), "doctor")));
    }

    /** A configuration in a file, with a control socket beside it. */
    static Path file(Path folder, String config) {
        try {
            String socket = "control: {socket: \"" + folder.resolve("control.sock") + "\"}\n";
            return Files.writeString(folder.resolve("gateway.yaml"), config + socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String result(JsonNode line) {
        return line.path("result").asText();
    }

    private JsonNode line(String check) {
        JsonNode line = lines.get(check);
        if (line == null) throw new AssertionError("no line " + check + ": " + result);
        return line;
    }

    /** That a check has a result, what it found, and what it says to do; returns the remedy. */
    String says(String check, String expected, String found, String remedy) {
        JsonNode line = line(check);
        assertEquals(expected, result(line), result::toString);
        assertTrue(line.path("found").asText().contains(found), () -> line + " without " + found);
        assertTrue(line.path("remedy").asText().contains(remedy), () -> line + " without " + remedy);
        return line.path("remedy").asText();
    }

    void isOk(String check) {
        assertEquals("ok", result(line(check)), result::toString);
    }

    /** That these checks alone complain, of those that a lab decides. */
    Examination complainsOnlyOf(String... checks) {
        Set<String> expected = Set.of(checks);
        List<JsonNode> others = lines.values().stream()
                .filter(line -> !expected.contains(line.path("check").asText()))
                .filter(line -> !OF_THE_MACHINE.containsKey(line.path("check").asText()))
                .filter(line -> !List.of("ok", "skip").contains(result(line)))
                .toList();
        assertEquals(List.of(), others, result::toString);
        return this;
    }

    /** How many lines have a result. */
    long count(String expected) {
        return lines.values().stream()
                .filter(line -> result(line).equals(expected))
                .count();
    }

    @Override
    public String toString() {
        return result.toString();
    }
}
