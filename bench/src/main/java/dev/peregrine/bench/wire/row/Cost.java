package dev.peregrine.bench.wire.row;

/**
 * CPU time of the whole machine, all cores together, for the traffic of a row.
 *
 * @param metric its name among the metrics
 */
public record Cost(String metric, String unit) {
    static final Cost PER_PACKET = new Cost("cpuNanosPerPacket", "ns a packet");
    static final Cost PER_GIGABYTE = new Cost("cpuSecondsPerGigabyte", "s a gigabyte");
}
