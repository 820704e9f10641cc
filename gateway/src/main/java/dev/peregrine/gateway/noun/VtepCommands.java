package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.underlay.VtepWatch;
import dev.peregrine.vxlan.RemoteVtep;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers {@code vtep list}. On the control thread. */
public final class VtepCommands implements Noun {
    private final OverlayGateway gateway;

    VtepCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("vtep list", _ -> list()));
    }

    /** All remote VTEPs that are known now. */
    private List<VtepRow> list() {
        int[] entries = new int[gateway.vteps().slots()];
        gateway.fdb().forEach((segment, mac, port, kind, seen) -> {
            if (Ports.isTunnel(port)) {
                entries[Ports.tunnelIndex(port)]++;
            }
        });
        return gateway.vteps().list().stream()
                .map(vtep -> row(vtep, entries[vtep.index()]))
                .toList();
    }

    private VtepRow row(RemoteVtep vtep, int fdbEntries) {
        InetAddress address = vtep.address().toInetAddress();
        List<String> vnis = new ArrayList<>();
        boolean flood = false;
        for (VniConfig vni : gateway.config().vnis()) {
            boolean floods = vni.flood().contains(address);
            flood |= floods;
            if (floods
                    || vni.fdb().stream()
                            .anyMatch(entry ->
                                    entry.vtep().filter(address::equals).isPresent())) {
                vnis.add(String.valueOf(vni.vni()));
            }
        }
        VtepWatch.Traffic traffic = gateway.vtepWatch().traffic(vtep);
        int mtu = gateway.bridge().mtus().tunnel(vtep.port());
        Optional<VtepWatch.Failure> failure = gateway.vtepWatch().lastFailure(vtep);
        return new VtepRow(
                AddressText.of(address),
                String.join(" ", vnis),
                flood,
                fdbEntries,
                traffic.rxDatagrams(),
                traffic.txDatagrams(),
                traffic.rxBytes(),
                traffic.txBytes(),
                mtu == PathMtus.UNLIMITED ? null : (Integer) mtu,
                failure.map(VtepWatch.Failure::text).orElse(null),
                failure.map(last -> last.seconds(System.nanoTime())).orElse(null));
    }
}
