package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.gateway.control.report.StatusReport.OffloadRow;
import dev.peregrine.gateway.port.LocalPort;
import java.util.ArrayList;
import java.util.List;

/** Which offloads are in use, and why: the underlay's and each port's, as the first lane has them. */
public final class Offloads {
    private Offloads() {}

    /** The offloads of the underlay and the ports, as {@code status} lists them. */
    public static List<OffloadRow> rows(OverlayGateway gateway) {
        List<OffloadRow> rows = new ArrayList<>();
        gateway.lanes().stream()
                .limit(1)
                .flatMap(lane -> lane.underlay().offloads().stream())
                .forEach(offload ->
                        rows.add(new OffloadRow("underlay " + offload.name(), offload.enabled(), offload.reason())));
        for (LocalPort port : gateway.ports()) {
            for (Endpoint endpoint : port.endpoints().stream().limit(1).toList()) {
                for (Offload offload : endpoint.offloads()) {
                    String name = "port " + port.port().name() + " " + offload.name();
                    rows.add(new OffloadRow(name, offload.enabled(), offload.reason()));
                }
            }
        }
        return rows;
    }
}
