package dev.peregrine.gateway.metric.source;

import dev.peregrine.gateway.metric.Metric;
import dev.peregrine.gateway.metric.MetricSource;
import dev.peregrine.gateway.metric.Samples;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.runtime.OverlayGateway;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The local ports: how many are in which state, and each of them where {@code control.metrics.ports} is on. */
final class PortMetrics implements MetricSource {
    private final OverlayGateway gateway;

    PortMetrics(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void collect(Samples samples) {
        Map<LocalPort.State, Integer> states = new EnumMap<>(LocalPort.State.class);
        boolean each = gateway.config().control().metrics().ports();
        for (LocalPort port : gateway.ports()) {
            states.merge(port.state(), 1, Integer::sum);
            if (each) {
                add(samples, port);
            }
        }
        for (LocalPort.State state : LocalPort.State.values()) {
            String name = state.name().toLowerCase(Locale.ROOT);
            samples.add(Metric.PORTS, Labels.of("state", name), states.getOrDefault(state, 0));
        }
    }

    private void add(Samples samples, LocalPort local) {
        int vni = gateway.segments().get(local.port().segment()).vni();
        Labels labels = Labels.of("port", local.config().name(), "vni", String.valueOf(vni));
        samples.add(Metric.PORT_UP, labels, local.state() == LocalPort.State.UP ? 1 : 0);
        samples.add(Metric.PORT_RX_PACKETS, labels, local.port().rxPackets());
        samples.add(Metric.PORT_TX_PACKETS, labels, local.port().txPackets());
        samples.add(Metric.PORT_RX_BYTES, labels, local.port().rxBytes());
        samples.add(Metric.PORT_TX_BYTES, labels, local.port().txBytes());
    }
}
