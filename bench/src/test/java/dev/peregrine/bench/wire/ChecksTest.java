package dev.peregrine.bench.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.report.Check;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private final Plan plan = Samples.plan(List.of(Mode.WIRE), Rows.ONE_FLOW_SMALL_GRO, Rows.PING);

    @Test
    void wantsMorePacketsAndLessTime() {
        List<Check> checks = Checks.of(plan, Samples.results());
        Check udp = named(checks, "wire · UDP 1 flow of 18 B, GRO socket: peregrine / kernel");
        assertEquals(4.0, udp.value());
        assertEquals("≥ 3", udp.boundText());
        assertTrue(udp.holds());
        Check ping = named(checks, "wire · ping, one a millisecond, p50: peregrine / kernel");
        assertEquals(2.0, ping.value());
        assertEquals("≤ 1.50", ping.boundText());
        assertFalse(ping.holds());
    }

    @Test
    void holdsExactlyAtTheBound() {
        assertTrue(new Check("a", 3, "×", true, 3, 4).holds());
        assertTrue(new Check("a", 3, "×", false, 3, 2).holds());
        assertFalse(new Check("a", 3, "×", true, 3, 4).reachesGoal());
        assertFalse(new Check("a", 3, "×", false, 3, 2).reachesGoal());
    }

    @Test
    void comparesThroughputAndPingsWithOpenVSwitch() {
        Results results = Samples.results();
        Samples.add(results, Mode.WIRE, Rows.PING, Contender.OVS, 492);
        List<Check> checks = Checks.of(plan, results);
        assertEquals(
                3.0,
                named(checks, "wire · ping, one a millisecond, p50: ovs / peregrine")
                        .value());
        assertTrue(named(checks, "wire · UDP 1 flow of 18 B, GRO socket: peregrine / ovs")
                .holds());
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        assertEquals(List.of(), Checks.of(plan, new Results()));
    }

    private static Check named(List<Check> checks, String name) {
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError(name + " is not among " + checks));
    }
}
