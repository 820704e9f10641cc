package dev.peregrine.gateway.metric.source;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.gateway.control.Version;
import dev.peregrine.gateway.control.report.KernelTierReport;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.runtime.OverlayGateway;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;

/**
 * All metrics of a gateway: its own state, its drops and its table of established flows here, the others by their
 * parts.
 */
public final class GatewayMetrics implements MetricSource {
    private final OverlayGateway gateway;
    private final List<MetricSource> parts;

    /** Those of {@code gateway}, by the settings of its configuration. */
    public GatewayMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
        parts = List.of(
                new UnderlayMetrics(gateway),
                new PortMetrics(gateway),
                new VniMetrics(gateway),
                new ControlMetrics(gateway),
                new WorkerMetrics(gateway),
                new StageMetrics(gateway));
    }

    @Override
    public void collect(Samples samples) {
        samples.add(Metric.BUILD, Labels.of("version", Version.text()), 1);
        samples.add(Metric.UPTIME, gateway.uptimeSeconds());
        samples.add(Metric.READY, gateway.obstacle() == null ? 1 : 0);
        for (DropReason reason : DropReason.values()) {
            samples.add(
                    Metric.DROPS,
                    Labels.of("reason", reason.name()),
                    gateway.losses().count(reason));
        }
        addStates(samples);
        KernelTierReport tier = gateway.tier().lately();
        samples.add(Metric.KERNEL_FLOWS, tier.flows());
        samples.add(Metric.KERNEL_PACKETS, tier.packets());
        samples.add(Metric.KERNEL_ENABLED, tier.enabled() ? 1 : 0);
        tier.left().forEach((reason, count) -> samples.add(Metric.KERNEL_LEFT, Labels.of("reason", reason), count));
        parts.forEach(part -> part.collect(samples));
    }

    private void addStates(Samples samples) {
        Policy policy = gateway.policies().policy();
        FlowStates states = policy.states();
        samples.add(Metric.STATE_ENTRIES, states.flows().entries(System.nanoTime()));
        samples.add(Metric.STATE_PLACES, states.slots());
        samples.add(Metric.STATE_OPENED, states.opened());
        samples.add(Metric.STATE_EXPIRED, states.flows().expired());
        samples.add(Metric.STATE_EVICTED, states.evicted());
        samples.add(Metric.STATE_REFUSED, states.refused());
        samples.add(Metric.STATE_FLUSHED, states.flows().flushed());
        long lost = 0;
        for (int worker = 0; worker < policy.workers(); worker++) {
            lost += policy.log(worker).lost();
        }
        samples.add(Metric.POLICY_LOG_LOST, lost);
    }
}
