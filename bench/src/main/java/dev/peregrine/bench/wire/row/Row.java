package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Contender;
import dev.peregrine.bench.wire.lab.Ends;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.lab.Placement;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** One line of the result: something that is measured for each contender. */
public sealed interface Row permits UdpRow, LossRow, TcpRow, PingRow, RoundTripRow {
    /** The name on the command line and in results, such as {@code udp/1x18/gro}. */
    String id();

    /** As a person would say it. */
    String title();

    /** Which of the metrics stands in tables and is compared. */
    String metric();

    /** Of {@link #metric}. */
    String unit();

    /** Whether the smaller value wins. */
    boolean lessIsBetter();

    /** Whether the values are percentages of a whole, which may be 0: they are compared by their difference. */
    default boolean isShare() {
        return false;
    }

    boolean isIn(Mode mode);

    /** Whether the contender takes part. */
    boolean suits(Contender contender);

    /** CPU time for the traffic, if the row's own metric is not already that. */
    default Optional<Cost> cost() {
        return Optional.empty();
    }

    /** Seconds that a measurement takes beyond its interval. */
    double overheadSeconds();

    /** Measures for about {@code seconds}; returns the results by metric. */
    Map<String, Double> measure(Ends ends, Placement placement, double seconds) throws IOException;
}
