package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.port.LocalPort;
import java.util.List;

/** The line that says what a gateway that is ready consists of. */
final class ReadyLine {
    private ReadyLine() {}

    static String of(OverlayGateway gateway) {
        UnderlayConfig underlay = gateway.config().underlay();
        int vnis = gateway.segments().size();
        long up = gateway.ports().stream()
                .filter(port -> port.state() == LocalPort.State.UP)
                .count();
        List<String> cpus = gateway.lanes().stream()
                .map(lane -> String.valueOf(lane.loop().cpu()))
                .toList();
        return String.format(
                        "VTEP %s port %d, %d VNI%s, %d of %d ports up, %s on CPU%s %s",
                        AddressText.of(underlay.local()),
                        underlay.port(),
                        vnis,
                        vnis == 1 ? "" : "s",
                        up,
                        gateway.ports().size(),
                        gateway.scheduling().state().schedule(),
                        cpus.size() == 1 ? "" : "s",
                        String.join(", ", cpus))
                + failures(gateway.ports());
    }

    /** The first port that failed and how many more, since a gateway without ports is ready too. */
    private static String failures(List<LocalPort> ports) {
        List<LocalPort> failed = ports.stream()
                .filter(port -> port.state() == LocalPort.State.FAILED)
                .toList();
        return failed.isEmpty()
                ? ""
                : String.format(
                        ", but port %s failed: %s%s",
                        failed.getFirst().config().name(),
                        failed.getFirst().reason(),
                        failed.size() == 1 ? "" : " (and " + (failed.size() - 1) + " more: peregrine port list)");
    }
}
