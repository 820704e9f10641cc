package dev.peregrine.bench.falcon.model;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.StageTimes;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.overlay.Wiring;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The cost of each device for a datagram, measured on one worker that runs to completion; the cost of the nodes is
 * spread over the stages.
 *
 * @param receive nanoseconds of the source
 * @param devices nanoseconds of underlay (coalescing), vtep, bridge, and port with the destination, in this order
 */
public record DeviceTimes(double receive, Map<String, Double> devices) {
    /** In the order in which a packet passes them. */
    public static final List<String> DEVICES = List.of("underlay", "vtep", "bridge", "port");

    private static final int STAGES = 4;

    /** Measures a chain whose schedule is run-to-completion; its parts are timed around {@code instruments}. */
    public static DeviceTimes measure(Setup setup, Instruments instruments, double seconds)
            throws InterruptedException {
        StageTimes times = new StageTimes();
        try (Chain chain = new Chain(setup.instruments(instruments.within(times)))) {
            chain.measure(0);
            Map<String, Long> before = times.nanos();
            double delivered = Math.max(1, chain.next(seconds).delivered());
            Map<String, Double> nanos = new LinkedHashMap<>();
            times.nanos().forEach((part, sum) -> nanos.put(part, (sum - before.getOrDefault(part, 0L)) / delivered));
            return of(nanos);
        }
    }

    private static DeviceTimes of(Map<String, Double> nanos) {
        double node = sum(nanos, Instruments.behind(Wiring.COALESCE)) / STAGES;
        Map<String, Double> devices = new LinkedHashMap<>();
        devices.put("underlay", sum(nanos, Wiring.COALESCE));
        devices.put("vtep", node + sum(nanos, Wiring.DECAP));
        devices.put("bridge", 2 * node + sum(nanos, "bridge.learn", "bridge.forward"));
        devices.put("port", node + sum(nanos, "port:port0.out", "endpoint:port0"));
        return new DeviceTimes(sum(nanos, StageTimes.from(Wiring.UNDERLAY)), devices);
    }

    private static double sum(Map<String, Double> nanos, String... parts) {
        double sum = 0;
        for (String part : parts) {
            sum += nanos.getOrDefault(part, 0.0);
        }
        return sum;
    }

    /** Of a device. */
    double nanos(String device) {
        return devices.getOrDefault(device, 0.0);
    }
}
