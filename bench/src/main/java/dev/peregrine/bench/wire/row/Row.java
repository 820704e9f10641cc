package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One line of the result: something that is measured for each contender.
 *
 * @param id the name on the command line and in results, such as {@code udp/1x18/gro}
 * @param title as a person would say it
 * @param metric stands in tables and is compared
 * @param cost CPU time for the traffic, if {@code metric} is not already that
 * @param modes in which it is measured
 * @param contenders that take part
 * @param overheadSeconds that a measurement takes beyond its interval
 */
public record Row(
        String id,
        String title,
        Metric metric,
        Optional<Metric> cost,
        List<Mode> modes,
        Predicate<Contender> contenders,
        double overheadSeconds,
        Traffic traffic) {
    /** CPU time of the whole machine, all cores together. */
    public static final Metric CPU_PER_PACKET = new Metric("cpuNanosPerPacket", "CPU time", "ns a packet", true);

    /** CPU time of the whole machine, all cores together. */
    static final Metric CPU_PER_GIGABYTE = new Metric("cpuSecondsPerGigabyte", "CPU time", "s a gigabyte", true);

    static final List<Mode> EVERY_MODE = List.of(Mode.values());

    /** The traffic between both ends of a contender. */
    @FunctionalInterface
    public interface Traffic {
        /** Measures for about {@code seconds}; returns the results by metric. */
        Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException;
    }

    /** Whether the contender takes part. */
    public boolean suits(Contender contender) {
        return contenders.test(contender);
    }

    /** Whether the id has that beginning, such as {@code tcp/}. */
    public boolean isOf(String beginning) {
        return id.startsWith(beginning);
    }
}
