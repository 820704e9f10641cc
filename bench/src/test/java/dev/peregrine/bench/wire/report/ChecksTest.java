package dev.peregrine.bench.wire.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Check;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Lineup;
import dev.peregrine.bench.wire.row.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private final Lineup lineup = Samples.lineup(List.of(Mode.WIRE), Rows.ONE_FLOW_SMALL_GRO, Rows.PING);

    @Test
    void wantsMorePacketsAndLessTime() {
        List<Check> checks = Checks.of(lineup, new Measured(Samples.results()));
        Check udp = named(checks, "wire · UDP 1 flow of 18 B, GRO socket: peregrine / kernel-tuned");
        assertEquals(2.0, udp.value());
        assertEquals("≥ 1", udp.boundText());
        assertTrue(udp.holds());
        Check ping = named(checks, "wire · ping, one a millisecond, p50: peregrine / kernel");
        assertEquals(2.0, ping.value());
        assertEquals("≤ 2", ping.boundText());
        assertTrue(ping.holds());
        assertFalse(ping.reachesGoal());
    }

    @Test
    void comparesLossInPoints() {
        Results results = new Results();
        Samples.add(results, Mode.WIRE, Rows.LOSS, Contender.KERNEL, 0, 0, 0.5);
        Samples.add(results, Mode.WIRE, Rows.LOSS, Contender.PEREGRINE, 2.5, 2, 3);
        Check loss = named(
                Checks.of(lineup, new Measured(results)),
                "wire · UDP lost, iperf3, 100,000 packets/s of 1400 B, into the container: peregrine − kernel");
        assertEquals(2.5, loss.value());
        assertEquals("points", loss.unit());
        assertFalse(loss.holds());
    }

    @Test
    void wantsEveryRoundAboveAFloor() {
        Results results = new Results();
        Samples.add(results, Mode.WIRE, Rows.MANY_FLOWS_SMALL_GRO, Contender.KERNEL, 0.3, 0.2, 0.4);
        Samples.add(results, Mode.WIRE, Rows.MANY_FLOWS_SMALL_GRO, Contender.PEREGRINE, 0.27, 0.09, 0.28);
        List<Check> checks = Checks.of(lineup, new Measured(results));
        Check median = named(checks, "wire · UDP 64 flows of 18 B, GRO socket: peregrine / kernel");
        assertEquals(0.9, median.value(), 1e-9);
        assertTrue(median.holds());
        Check worst = named(checks, "wire · UDP 64 flows of 18 B, GRO socket: peregrine, worst round / kernel");
        assertEquals(0.3, worst.value(), 1e-9);
        assertFalse(worst.holds());
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
        List<Check> checks = Checks.of(lineup, new Measured(results));
        assertEquals(
                3.0,
                named(checks, "wire · ping, one a millisecond, p50: ovs / peregrine")
                        .value());
        assertTrue(named(checks, "wire · UDP 1 flow of 18 B, GRO socket: peregrine / ovs")
                .holds());
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        assertEquals(List.of(), Checks.of(lineup, new Measured(new Results())));
    }

    private static Check named(List<Check> checks, String name) {
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError(name + " is not among " + checks));
    }
}
