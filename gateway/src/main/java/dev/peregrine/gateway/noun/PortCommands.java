package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.netlink.InterfaceState;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.PortRow;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.PortErrorLog;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Answers {@code port list}. On the control thread. */
public final class PortCommands implements Noun {
    private final OverlayGateway gateway;

    PortCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("port list", _ -> list()));
    }

    /** All local ports, in the order of the configuration, as the system has them now. */
    private List<PortRow> list() {
        gateway.watches().ports().look();
        return gateway.ports().stream().map(this::row).toList();
    }

    private PortRow row(LocalPort local) {
        InterfaceState found = local.device();
        return new PortRow(
                local.config().name(),
                gateway.segments().get(local.port().segment()).vni(),
                local.config().type(),
                local.state().name().toLowerCase(Locale.ROOT),
                found == null ? null : found.link().isUp() ? "up" : "down",
                local.config().device(),
                local.config().ownMac().map(MacAddress::toString).orElse(null),
                local.port().rxPackets(),
                local.port().txPackets(),
                local.port().rxBytes(),
                local.port().txBytes(),
                local.config().netns().orElse(null),
                local.port().mtu(),
                found == null ? null : found.link().mtu(),
                gateway.fdb().limits().portEntries(local.port().id()),
                gateway.fdb().limits().portRefusals(local.port().id()),
                lastError(local),
                local.problem(),
                local.reason(),
                local.addresses());
    }

    private static @Nullable String lastError(LocalPort local) {
        return local.endpoints().stream()
                .map(Endpoint::lastErrno)
                .filter(errno -> errno > 0)
                .findFirst()
                .map(PortErrorLog::text)
                .orElse(null);
    }
}
