package dev.peregrine.gateway.metric.source;

import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.control.report.StatusReport.KernelCounterRow;
import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.underlay.VtepWatch;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Segment;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import dev.peregrine.vxlan.underlay.SocketUnderlay;
import dev.peregrine.vxlan.underlay.VtepCounters;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;

/** The underlay as a whole, and each remote VTEP, as many as {@code control.metrics.vteps} allows. */
final class UnderlayMetrics implements MetricSource {
    private final OverlayGateway gateway;

    UnderlayMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void collect(Samples samples) {
        SocketUnderlay first = gateway.lanes().getFirst().underlay();
        samples.add(Metric.UNDERLAY_UP, gateway.underlay().isUp() ? 1 : 0);
        String schedule = gateway.scheduling().state().schedule().toString();
        samples.add(Metric.MODE, Labels.of("underlay", first.mode(), "schedule", schedule), 1);
        first.offloads()
                .forEach(offload -> samples.add(
                        Metric.OFFLOAD_ENABLED, Labels.of("offload", offload.name()), offload.enabled() ? 1 : 0));
        for (KernelCounterRow row : gateway.losses().kernelCounters()) {
            samples.add(Metric.KERNEL_LOSSES, Labels.of("counter", row.name()), row.count());
        }
        addTotals(samples);
        addVteps(samples);
    }

    /** VTEPs included that have been forgotten since. */
    private void addTotals(Samples samples) {
        long received = 0;
        long sent = 0;
        long receivedBytes = 0;
        long sentBytes = 0;
        long failures = 0;
        for (EventLoopLane lane : gateway.lanes()) {
            received += lane.received().segments();
            VtepCounters counters = lane.underlay().vtepCounters();
            for (int vtep = 0; vtep < gateway.vteps().slots(); vtep++) {
                sent += counters.sentDatagrams(vtep);
                receivedBytes += counters.receivedBytes(vtep);
                sentBytes += counters.sentBytes(vtep);
            }
            ReceiveFailure failure = lane.underlay().receiveFailure();
            failures += failure == null ? 0 : failure.count();
        }
        samples.add(Metric.UNDERLAY_RX_PACKETS, received);
        samples.add(Metric.UNDERLAY_TX_PACKETS, sent);
        samples.add(Metric.UNDERLAY_RX_BYTES, receivedBytes);
        samples.add(Metric.UNDERLAY_TX_BYTES, sentBytes);
        samples.add(Metric.UNDERLAY_RECEIVE_FAILURES, failures);
    }

    private void addVteps(Samples samples) {
        List<RemoteVtep> vteps = gateway.vteps().list();
        samples.add(Metric.VTEPS, vteps.size());
        int widest = 0;
        for (Segment segment : gateway.segments().all()) {
            widest = Math.max(widest, segment.mtu());
        }
        int most = gateway.config().control().metrics().vteps();
        for (RemoteVtep vtep : vteps.subList(0, Math.min(most, vteps.size()))) {
            Labels labels = Labels.of("vtep", AddressText.of(vtep.address().toInetAddress()));
            VtepWatch.Traffic traffic = gateway.watches().vteps().traffic(vtep);
            samples.add(Metric.VTEP_RX_PACKETS, labels, traffic.rxDatagrams());
            samples.add(Metric.VTEP_TX_PACKETS, labels, traffic.txDatagrams());
            samples.add(Metric.VTEP_RX_BYTES, labels, traffic.rxBytes());
            samples.add(Metric.VTEP_TX_BYTES, labels, traffic.txBytes());
            int mtu = gateway.bridge().mtus().tunnel(vtep.port());
            samples.add(Metric.VTEP_MTU, labels, mtu == PathMtus.UNLIMITED ? widest : Math.min(mtu, widest));
        }
    }
}
