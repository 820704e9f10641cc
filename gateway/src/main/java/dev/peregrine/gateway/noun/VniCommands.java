package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.bridge.Learning;
import dev.peregrine.dataplane.device.fdb.FdbSegment;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.vxlan.Segment;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Answers {@code vni list}. On the control thread. */
public final class VniCommands implements Noun {
    private final OverlayGateway gateway;

    VniCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("vni list", _ -> list()));
    }

    private List<VniRow> list() {
        return gateway.segments().all().stream().map(this::row).toList();
    }

    private VniRow row(Segment its) {
        int segment = its.index();
        VniConfig vni = gateway.segments().config(segment);
        FdbSegment fdb = gateway.fdb().segment(segment);
        Bridge bridge = gateway.bridge();
        return new VniRow(
                vni.vni(),
                its.mtu(),
                vni.ports().size(),
                (int) fdb.entries(),
                vni.fdbLimit(),
                fdb.refusals(),
                fdb.moves(),
                bridge.unknownUnicasts(segment),
                bridge.groupFloods(segment),
                bridge.neighbours().size(segment),
                bridge.neighbours().refused(segment),
                bridge.neighbourRequests(segment),
                bridge.neighbourReplies(segment),
                bridge.neighbourAnswers(segment),
                vni.learns() != Learning.NONE,
                vni.ageing().toSeconds(),
                fdb.learns(),
                fdb.aged(),
                vni.flood().stream().map(AddressText::of).collect(Collectors.joining(" ")),
                vni.learns().name().toLowerCase(Locale.ROOT));
    }
}
