package dev.peregrine.testkit.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.testkit.Pcap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder of {@code src/test/golden} holds what enters a gateway, as captures, what must leave it, as captures, and
 * by how much every counter must rise. {@code -Dpg.golden=write} writes all of them again: read the difference before
 * keeping it, with Wireshark or {@code tcpdump -r}.
 */
class GoldenTest {
    private static final Path FOLDER = Path.of("src/test/golden");
    private static final String COUNTERS = "counters";
    private static final String OUT = ".out.pcap";
    private static final String IN = ".in.pcap";

    static Stream<String> cases() {
        return Stories.ALL.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatLeavesIsWhatLeftBefore(String name) throws IOException {
        Path folder = FOLDER.resolve(name);
        if ("write".equals(System.getProperty("pg.golden"))) {
            write(folder, name);
        }
        GoldenGateway gateway = new GoldenGateway();
        for (String place : GoldenGateway.PLACES) {
            Path file = folder.resolve(place + IN);
            if (Files.exists(file)) {
                gateway.enter(place, Pcap.read(file));
            }
        }
        try (gateway) {
            gateway.run();
            for (String place : GoldenGateway.PLACES) {
                assertSame(place, read(folder.resolve(place + OUT)), gateway.left(place));
            }
            assertEquals(counters(folder), gateway.counters());
        }
    }

    private static List<Pcap.Frame> read(Path file) throws IOException {
        return Files.exists(file) ? Pcap.read(file) : List.of();
    }

    private static void assertSame(String place, List<Pcap.Frame> expected, List<Pcap.Frame> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            assertArrayEquals(expected.get(i).bytes(), actual.get(i).bytes(), place + ", frame " + i);
            assertEquals(expected.get(i).nanos(), actual.get(i).nanos(), place + ", frame " + i);
        }
        assertEquals(expected.size(), actual.size(), place);
    }

    private static Map<String, Long> counters(Path folder) throws IOException {
        Map<String, Long> counters = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(COUNTERS))) {
            String[] words = line.split(" ", 2);
            counters.put(words[1], Long.valueOf(words[0]));
        }
        return counters;
    }

    /** Writes the story's inputs, runs them, and writes what left. */
    private static void write(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        Map<String, List<Pcap.Frame>> story = Stories.of(name);
        try (GoldenGateway gateway = new GoldenGateway()) {
            for (Map.Entry<String, List<Pcap.Frame>> input : story.entrySet()) {
                Pcap.write(folder.resolve(input.getKey() + IN), input.getValue());
                gateway.enter(input.getKey(), input.getValue());
            }
            gateway.run();
            for (String place : GoldenGateway.PLACES) {
                if (!gateway.left(place).isEmpty()) {
                    Pcap.write(folder.resolve(place + OUT), gateway.left(place));
                }
            }
            List<String> lines = gateway.counters().entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey())
                    .toList();
            assertTrue(!lines.isEmpty(), name + " does nothing");
            Files.write(folder.resolve(COUNTERS), lines);
        }
    }
}
