package dev.peregrine.gateway.command.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SECOND = 1_000_000_000;
    private static final int WIDTH = 80;

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "7, 7",
        "9.5, 9.5",
        "999, 999",
        "999.6, 1.0k",
        "1000, 1.0k",
        "812345, 812.3k",
        "999960, 1.0M",
        "9.1e9, 9.1G",
        "1e15, 1000.0T"
    })
    void numbersAreShort(double value, String text) {
        assertEquals(text, Grid.number(value));
    }

    @Test
    void ratesAreWhatCountersRoseInASecond() throws Exception {
        Rates rates = new Rates(sample(0, 1, 1), sample(2 * SECOND, 1, 1));
        assertEquals(1000.0, rates.ports().get(0).path("rxPacketsPerSecond").asDouble());
        assertEquals(2.0, rates.seconds());
    }

    @Test
    void aCounterThatFellBeganAtZero() throws Exception {
        Sample young = sample(SECOND, 1, 1);
        Sample later = new Sample(
                10 * SECOND,
                young.status(),
                young.workers(),
                young.ports(),
                young.flows(),
                young.flowStats(),
                young.drops());
        Rates rates = new Rates(sample(9 * SECOND, 1, 1), later);
        assertEquals(1000.0, rates.ports().get(0).path("rxPacketsPerSecond").asDouble());
    }

    @Test
    void showsTheBusiestFirst() throws Exception {
        List<String> lines = View.lines(rates(3, 3), Order.BITS, WIDTH, 50);
        assertEquals(List.of("port-2", "port-1", "port-0"), ports(lines), () -> String.join("\n", lines));
        List<String> byName = View.lines(rates(3, 3), Order.NAME, WIDTH, 50);
        assertEquals(List.of("port-0", "port-1", "port-2"), ports(byName), () -> String.join("\n", byName));
    }

    private static List<String> ports(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("port-"))
                .map(line -> line.split(" ", 2)[0])
                .toList();
    }

    @Test
    void showsReasonsThatOccurredAlone() throws Exception {
        List<String> lines = View.lines(rates(1, 1), Order.BITS, WIDTH, 50);
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("POLICY_DENIED +500 +1\\.0k")),
                () -> String.join("\n", lines));
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("POOL_EMPTY")), () -> String.join("\n", lines));
    }

    @ParameterizedTest
    @CsvSource({"24, 1, 0", "24, 100, 100", "24, 2, 100", "24, 100, 2", "10, 100, 100", "60, 1000, 10000"})
    void fitsTheTerminal(int height, int ports, int flows) throws Exception {
        List<String> lines = View.lines(rates(ports, flows), Order.BITS, WIDTH, height);
        assertTrue(lines.size() <= height, () -> lines.size() + " lines\n" + String.join("\n", lines));
        for (String line : lines) assertTrue(line.length() <= WIDTH, line);
        boolean isFull = ports + flows < height || lines.size() >= height - 2;
        assertTrue(isFull, () -> String.join("\n", lines));
    }

    private static Rates rates(int ports, int flows) throws JsonProcessingException {
        return new Rates(sample(0, ports, flows), sample(2 * SECOND, ports, flows));
    }

    /** At a time, when each counter has risen by a thousand each second and more for things with higher numbers. */
    private static Sample sample(long nanos, int ports, int flows) throws JsonProcessingException {
        long seconds = nanos / SECOND;
        return new Sample(
                nanos,
                read("{'version': '1', 'state': 'ready', 'underlayMode': 'native', 'schedule': 'run-to-completion'}"),
                rows(2, "{'name': 'worker-%1$d', 'cpu': 1, 'load': 12.0, 'packets': %2$d}", seconds),
                rows(
                        ports,
                        "{'name': 'port-%1$d', 'vni': 16777215, 'state': 'waiting', 'rxPackets': %2$d, 'rxBytes': %2$d}",
                        seconds),
                rows(
                        flows,
                        "{'protocol': 'tcp', 'source': '2001:db8:1111:2222:3333:4444:5555:%1$x', 'sourcePort': 65535,"
                                + " 'destination': '2001:db8:1111:2222:3333:4444:5555:7777', 'destinationPort': 443,"
                                + " 'vni': 16777215, 'packets': %2$d, 'bytes': %2$d}",
                        seconds),
                read("{'entries': 7, 'hits': %d}".formatted(seconds)),
                read("[{'reason': 'POOL_EMPTY', 'count': 0}, {'reason': 'POLICY_DENIED', 'count': %d}]"
                        .formatted(500 * seconds)));
    }

    private static JsonNode rows(int count, String pattern, long seconds) throws JsonProcessingException {
        return read(IntStream.range(0, count)
                .mapToObj(i -> pattern.formatted(i, (1000 + i) * seconds))
                .collect(Collectors.joining(", ", "[", "]")));
    }

    private static JsonNode read(String text) throws JsonProcessingException {
        return JSON.readTree(text.replace('\'', '"'));
    }
}
