package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.port.ClaimedVteps;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.underlay.VtepWatch;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.Segment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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

    /** All remote VTEPs that are known now, in the order of their addresses. */
    private List<VtepRow> list() {
        int[] entries = new int[gateway.vteps().slots()];
        Map<Integer, Set<Integer>> segments = new HashMap<>();
        gateway.fdb().forEach((segment, mac, port, kind, seen) -> {
            if (Ports.isTunnel(port)) {
                entries[Ports.tunnelIndex(port)]++;
                segments.computeIfAbsent(port, any -> new TreeSet<>()).add(segment);
            }
        });
        return gateway.vteps().list().stream()
                .sorted(Comparator.comparing(RemoteVtep::address))
                .map(vtep -> row(vtep, entries[vtep.index()], segments.getOrDefault(vtep.port(), Set.of())))
                .toList();
    }

    private VtepRow row(RemoteVtep vtep, int fdbEntries, Set<Integer> segments) {
        InetAddress address = vtep.address().toInetAddress();
        List<String> vnis = new ArrayList<>();
        boolean flood = false;
        for (Segment each : gateway.segments().all()) {
            int segment = each.index();
            VniConfig vni = gateway.segments().config(segment);
            boolean floods =
                    vni.flood().contains(address) || gateway.bridge().groups().has(segment, vtep.port());
            flood |= floods;
            if (floods || segments.contains(segment)) {
                vnis.add(String.valueOf(vni.vni()));
            }
        }
        long nowNanos = System.nanoTime();
        VtepWatch.Traffic traffic = gateway.watches().vteps().traffic(vtep);
        ClaimedVteps.Naming naming = gateway.claimedVteps().naming(vtep.address());
        String source = source(vtep, address, traffic);
        int mtu = gateway.bridge().mtus().tunnel(vtep.port());
        Optional<VtepWatch.Failure> failure = gateway.watches().vteps().lastFailure(vtep);
        return new VtepRow(
                AddressText.of(address),
                naming == null || source.equals("file") ? source : "control",
                gateway.watches().vteps().lastHeardSeconds(vtep, nowNanos),
                flood,
                fdbEntries,
                traffic.rxDatagrams(),
                traffic.txDatagrams(),
                traffic.rxBytes(),
                traffic.txBytes(),
                mtu == PathMtus.UNLIMITED ? null : (Integer) mtu,
                failure.map(last -> last.seconds(nowNanos)).orElse(null),
                failure.map(VtepWatch.Failure::text).orElse(null),
                String.join(" ", vnis),
                naming == null || source.equals("file")
                        ? source
                        : gateway.controlPlanes().type(naming.plane()),
                naming == null || naming.node().isEmpty() ? null : naming.node(),
                naming == null ? null : state(naming.plane()));
    }

    private @Nullable String state(String plane) {
        return gateway.controlPlanes().resolver().planes().stream()
                .filter(status -> status.name().equals(plane))
                .map(status -> status.state().name().toLowerCase(Locale.ROOT))
                .findFirst()
                .orElse(null);
    }

    private String source(RemoteVtep vtep, InetAddress address, VtepWatch.Traffic traffic) {
        if (gateway.config().configuredVteps().contains(address)) {
            return "file";
        }
        return vtep.isConfigured() || traffic.rxDatagrams() == 0 ? "command" : "learned";
    }
}
