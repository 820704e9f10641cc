package dev.peregrine.gateway;

import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.linux.AddressText;
import dev.peregrine.dataplane.linux.InterfaceState;
import dev.peregrine.gateway.config.InterfacePortConfig;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.SocketPortConfig;
import dev.peregrine.gateway.config.TapPortConfig;
import dev.peregrine.gateway.control.PortRow;
import java.net.Inet6Address;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers {@code port list}. On the control thread. */
final class PortCommands {
    private final OverlayGateway gateway;

    PortCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    /** All local ports, in the order of the configuration, as the system has them now. */
    List<PortRow> list() {
        gateway.portWatch().look();
        return gateway.ports().stream().map(this::row).toList();
    }

    private PortRow row(LocalPort local) {
        InterfaceState found = local.device();
        return new PortRow(
                local.config().name(),
                gateway.segments().get(local.port().segment()).vni(),
                local.config().type(),
                device(local.config()),
                local.config().ownMac().map(MacAddress::toString).orElse(null),
                local.port().rxPackets(),
                local.port().txPackets(),
                local.port().rxBytes(),
                local.port().txBytes(),
                local.state().name().toLowerCase(Locale.ROOT),
                local.reason(),
                local.port().mtu(),
                netns(local.config()),
                found == null ? listen(local.config()) : addresses(found),
                found == null ? null : found.link().isUp() ? "up" : "down",
                found == null ? null : found.link().mtu(),
                local.problem(),
                lastError(local),
                gateway.fdb().portEntries(local.port().id()),
                gateway.fdb().portRefusals(local.port().id()));
    }

    private static String addresses(InterfaceState found) {
        return found.addresses().stream()
                .filter(prefix -> !(prefix.address() instanceof Inet6Address ipv6 && ipv6.isLinkLocalAddress()))
                .map(address -> AddressText.of(address.address()) + "/" + address.length())
                .sorted()
                .collect(Collectors.joining(" "));
    }

    /** Where a port listens that has no device; empty for others. */
    private static String listen(PortConfig config) {
        return config instanceof SocketPortConfig socket ? AddressText.of(socket.listen()) : "";
    }

    private static @Nullable String lastError(LocalPort local) {
        return local.endpoints().stream()
                .map(Endpoint::lastErrno)
                .filter(errno -> errno > 0)
                .findFirst()
                .map(PortErrorLog::text)
                .orElse(null);
    }

    private static @Nullable String device(PortConfig config) {
        return switch (config) {
            case TapPortConfig tap -> tap.device();
            case InterfacePortConfig device -> device.device();
            case SocketPortConfig socket -> null;
        };
    }

    private static @Nullable String netns(PortConfig config) {
        return switch (config) {
            case TapPortConfig tap -> tap.netns().orElse(null);
            case InterfacePortConfig device -> device.netns().orElse(null);
            case SocketPortConfig socket -> null;
        };
    }
}
