package dev.peregrine.gateway.metric.source;

import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.runtime.OverlayGateway;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Each control plane: how it is, what it claims and what of that is refused. */
final class ControlMetrics implements MetricSource {
    /** Seconds. */
    private static final double NANO = 1e-9;

    private final OverlayGateway gateway;

    ControlMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void collect(Samples samples) {
        if (!gateway.hasControlPlanes()) return;
        Resolver resolver = gateway.controlPlanes().resolver();
        resolver.planes().forEach(plane -> add(samples, plane));
        samples.add(Metric.CONTROL_APPLY, Labels.EMPTY, gateway.controlPlanes().turns(), NANO);
        samples.add(Metric.CONTROL_MOVES, resolver.moves());
        samples.add(Metric.CONTROL_DUPLICATES, resolver.duplicates());
        samples.add(Metric.CONTROL_CHANGES, gateway.controlPlanes().changes());
        double longest = gateway.controlPlanes().longestTurnNanos() * NANO;
        samples.add(Metric.CONTROL_LONGEST_APPLY, Labels.EMPTY, longest);
    }

    private static void add(Samples samples, PlaneStatus plane) {
        Labels labels = Labels.of("plane", plane.name());
        boolean isLive = plane.state() == PlaneState.LIVE;
        samples.add(Metric.CONTROL_UP, labels, isLive ? 1 : 0);
        samples.add(Metric.CONTROL_AWAY, labels, isLive ? 0 : TimeUnit.NANOSECONDS.toSeconds(plane.sinceNanos()));
        samples.add(Metric.CONTROL_CLAIMS, labels, plane.claims());
        samples.add(Metric.CONTROL_HELD, labels, plane.held());
        samples.add(Metric.CONTROL_GUARDED, labels, plane.guarded());
        samples.add(Metric.CONTROL_ANNOUNCED, labels, plane.announced());
        samples.add(Metric.CONTROL_EVENTS, labels, plane.events());
        samples.add(Metric.CONTROL_RESYNCS, labels, plane.pictures());
        samples.add(Metric.CONTROL_CONFLICTS, labels, plane.conflicts());
        samples.add(Metric.CONTROL_ANNOUNCE_ERRORS, labels, plane.announceErrors());
        samples.add(Metric.CONTROL_RESYNC, labels, plane.pictureTimes(), NANO);
        for (Refusal reason : Refusal.values()) {
            String word = reason.name().toLowerCase(Locale.ROOT);
            samples.add(
                    Metric.CONTROL_REFUSED,
                    Labels.of("plane", plane.name(), "reason", word),
                    plane.refused().getOrDefault(reason, 0L));
        }
    }
}
