package dev.peregrine.gateway.metric.source;

import dev.peregrine.dataplane.device.fdb.FdbSegment;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.vxlan.Segment;
import io.prometheus.metrics.model.snapshots.Labels;

/** Each VNI: its MTU, its part of the FDB and its neighbours. */
final class VniMetrics implements MetricSource {
    private final OverlayGateway gateway;

    VniMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void collect(Samples samples) {
        for (Segment each : gateway.segments().all()) {
            int segment = each.index();
            Labels labels = Labels.of(
                    "vni", String.valueOf(gateway.segments().get(segment).vni()));
            FdbSegment fdb = gateway.fdb().segment(segment);
            samples.add(Metric.VNI_MTU, labels, gateway.segments().get(segment).mtu());
            samples.add(Metric.FDB_ENTRIES, labels, fdb.entries());
            samples.add(
                    Metric.FDB_LIMIT, labels, gateway.segments().config(segment).fdbLimit());
            samples.add(Metric.FDB_LEARNED, labels, fdb.learns());
            samples.add(Metric.FDB_MOVES, labels, fdb.moves());
            samples.add(Metric.FDB_AGED, labels, fdb.aged());
            samples.add(Metric.FDB_REFUSED, labels, fdb.refusals());
            samples.add(Metric.NEIGHBOURS, labels, gateway.bridge().neighbours().size(segment));
        }
        samples.add(Metric.LEARNS_DROPPED, gateway.bridge().learnsDropped());
    }
}
