package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** One line of the result: something that is measured for each contender. */
public sealed interface Row permits UdpRow, LossRow, TcpRow, PingRow, RoundTripRow {
    /** CPU time of the whole machine, all cores together. */
    Metric CPU_PER_PACKET = new Metric("cpuNanosPerPacket", "CPU time", "ns a packet", true);

    /** CPU time of the whole machine, all cores together. */
    Metric CPU_PER_GIGABYTE = new Metric("cpuSecondsPerGigabyte", "CPU time", "s a gigabyte", true);

    /** The name on the command line and in results, such as {@code udp/1x18/gro}. */
    String id();

    /** As a person would say it. */
    String title();

    /** The metric that stands in tables and is compared. */
    Metric metric();

    /** Whether it is measured in that mode. */
    boolean isIn(Mode mode);

    /** Whether the contender takes part. */
    boolean suits(Contender contender);

    /** CPU time for the traffic, if the row's own metric is not already that. */
    default Optional<Metric> cost() {
        return Optional.empty();
    }

    /** Seconds that a measurement takes beyond its interval. */
    double overheadSeconds();

    /** Measures for about {@code seconds}; returns the results by metric. */
    Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException;
}
