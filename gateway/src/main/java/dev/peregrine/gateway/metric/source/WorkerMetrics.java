package dev.peregrine.gateway.metric.source;

import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.fastpath.FlowCounters;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.EventLoopLane;
import io.prometheus.metrics.model.snapshots.Labels;

/** Each worker, its pool of buffers and its flow cache. */
final class WorkerMetrics implements MetricSource {
    private static final double NANO = 1e-9;
    private static final double PERCENT = 0.01;

    private final OverlayGateway gateway;

    WorkerMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void collect(Samples samples) {
        for (EventLoopLane lane : gateway.lanes()) {
            Labels labels = Labels.of("worker", Names.worker(lane.id()));
            addWork(samples, labels, lane);
            addPool(samples, labels, lane);
            addFlows(samples, labels, lane);
        }
    }

    private void addWork(Samples samples, Labels labels, EventLoopLane lane) {
        WorkerGroup group = gateway.scheduling().group();
        samples.add(Metric.WORKER_LOAD, labels, group.loads().percent(lane.id()) * PERCENT);
        samples.add(Metric.WORKER_BUSY, labels, lane.loop().busyNanos() * NANO);
        samples.add(Metric.WORKER_CPU, labels, lane.loop().cpu());
        samples.add(Metric.WORKER_PACKETS, labels, lane.worker().packets());
        samples.add(Metric.WORKER_HAND_OFFS, labels, group.handOffs(lane.id()));
        samples.add(Metric.WORKER_WAKE_UPS, labels, lane.loop().wakeUps());
        samples.add(Metric.WORKER_REORDERS, labels, group.reorders(lane.id()));
        samples.add(Metric.WORKER_QUEUE, labels, group.depth(lane.id()));
        samples.add(Metric.WORKER_PARKED, labels, lane.worker().parked());
        samples.add(Metric.WORKER_BATCH, labels, lane.worker().batchSizes(), 1);
        samples.add(Metric.LATENCY, labels, lane.graph().latency(), NANO);
    }

    /** The worker takes and gives buffers meanwhile: what is in use is as of about now. */
    private static void addPool(Samples samples, Labels labels, EventLoopLane lane) {
        samples.add(Metric.POOL_BUFFERS, labels, lane.pool().capacity());
        samples.add(
                Metric.POOL_IN_USE, labels, lane.pool().capacity() - lane.pool().available());
        samples.add(Metric.POOL_EMPTY, labels, lane.pool().shortages());
    }

    private static void addFlows(Samples samples, Labels labels, EventLoopLane lane) {
        FlowCounters counters = lane.fastPath().counters();
        samples.add(Metric.FLOW_ENTRIES, labels, counters.entries());
        samples.add(Metric.FLOW_CAPACITY, labels, lane.fastPath().capacity());
        samples.add(Metric.FLOW_HITS, labels, counters.hits());
        samples.add(Metric.FLOW_MISSES, labels, counters.misses());
        samples.add(Metric.FLOW_BYPASSES, labels, counters.bypasses());
        samples.add(Metric.FLOW_INSERTS, labels, counters.inserts());
        samples.add(Metric.FLOW_EVICTIONS, labels, counters.evictions());
        samples.add(Metric.FLOW_STALE, labels, counters.stale());
        samples.add(Metric.FLOW_MISMATCHES, labels, counters.mismatches());
    }
}
