package dev.peregrine.gateway.metric.source;

import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.EventLoopLane;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The stages of the devices, those of all ports together: so there are as many series with a thousand ports as with
 * one.
 */
final class StageMetrics implements MetricSource {
    private final OverlayGateway gateway;

    StageMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    /** A stage of one kind of device. */
    private record Place(String device, String stage) {}

    private static final class Sum {
        private long packets;
        private long batches;
        private long drops;

        void add(Counters counters) {
            packets += counters.segments();
            batches += counters.batches();
            drops += counters.drops();
        }
    }

    @Override
    public void collect(Samples samples) {
        for (EventLoopLane lane : gateway.lanes()) {
            Map<Place, Sum> sums = new LinkedHashMap<>();
            for (StageSpec stage : lane.graph().stages()) {
                String device = stage.device();
                int colon = device.indexOf(':'); // port:web, policy:web
                Place place = new Place(colon < 0 ? device : device.substring(0, colon), stage.name());
                sums.computeIfAbsent(place, key -> new Sum())
                        .add(lane.graph().node(stage.address()).counters());
            }
            sums.forEach((place, sum) -> {
                Labels labels =
                        Labels.of("device", place.device, "stage", place.stage, "worker", Names.worker(lane.id()));
                samples.add(Metric.STAGE_PACKETS, labels, sum.packets);
                samples.add(Metric.STAGE_BATCHES, labels, sum.batches);
                samples.add(Metric.STAGE_DROPS, labels, sum.drops);
            });
        }
    }
}
