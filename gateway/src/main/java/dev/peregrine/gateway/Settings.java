package dev.peregrine.gateway;

import dev.peregrine.dataplane.linux.Prefix;
import dev.peregrine.dataplane.policy.FlowTimeouts;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.gateway.config.FlowStatesConfig;
import dev.peregrine.gateway.config.InterfacePortConfig;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.config.OffloadConfig.Gro;
import dev.peregrine.gateway.config.OffloadConfig.Offload;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.ScheduleConfig;
import dev.peregrine.gateway.config.SocketPortConfig;
import dev.peregrine.gateway.config.TapPortConfig;
import dev.peregrine.gateway.config.UnderlayConfig;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.TunnelSettings.EncapEcn;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The configuration in the words of the modules that follow it. */
final class Settings {
    private Settings() {}

    static TunnelSettings tunnel(UnderlayConfig config) {
        return new TunnelSettings(
                config.reservedBits(),
                switch (config.ecn()) {
                    case RFC6040 -> EncapEcn.RFC6040;
                    case RFC3168 -> EncapEcn.RFC3168;
                },
                config.dscp().orElse(TunnelSettings.INHERIT),
                config.ttl().orElse(TunnelSettings.INHERIT));
    }

    static UnderlaySettings underlay(UnderlayConfig config) {
        return new UnderlaySettings(
                config.local(),
                config.port(),
                config.device().orElse(null),
                config.sourcePorts().first(),
                config.sourcePorts().last(),
                config.checksum(),
                config.df(),
                config.offload().gro() != Gro.OFF,
                config.offload().gso() != Offload.OFF,
                (int) Math.min(config.receiveBufferBytes(), Integer.MAX_VALUE));
    }

    /** The schedule to begin with; {@code auto} begins with run-to-completion. */
    static Schedule schedule(ScheduleConfig config) {
        return switch (config.mode()) {
            case AUTO, RUN_TO_COMPLETION -> new Schedule.RunToCompletion();
            case QUEUED -> new Schedule.Queued(Schedule.Queued.DEFAULT_CAPACITY);
            case PIPELINED -> pipelined(config);
        };
    }

    static Schedule.Pipelined pipelined(ScheduleConfig config) {
        Schedule.Balance balance = switch (config.balance()) {
            case STATIC -> Schedule.Balance.STATIC;
            case TWO_CHOICES -> Schedule.Balance.TWO_CHOICES;
        };
        return new Schedule.Pipelined(
                balance,
                config.loadThreshold(),
                config.split(),
                true,
                List.of(),
                config.deviceIds().byKind());
    }

    static boolean tapOffload(UnderlayConfig config) {
        return config.offload().tapOffload() != Offload.OFF;
    }

    static Prefix prefix(dev.peregrine.gateway.config.Prefix prefix) {
        return new Prefix(prefix.address(), prefix.length());
    }

    static FlowTimeouts timeouts(FlowStatesConfig config) {
        return new FlowTimeouts(
                config.tcpHandshake(),
                config.tcpEstablished(),
                config.tcpHalfClosed(),
                config.tcpClosed(),
                config.tcpReset(),
                config.udp(),
                config.udpReplied(),
                config.echo(),
                config.other(),
                config.fragments());
    }

    /** The addresses that a port has itself, each alone. */
    static List<dev.peregrine.gateway.config.Prefix> addresses(PortConfig port) {
        List<InetAddress> addresses = switch (port) {
            case TapPortConfig tap ->
                tap.addresses().stream()
                        .map(dev.peregrine.gateway.config.Prefix::address)
                        .toList();
            case SocketPortConfig socket -> List.of(socket.listen().getAddress());
            default -> List.of();
        };
        return addresses.stream()
                .map(address ->
                        new dev.peregrine.gateway.config.Prefix(address, address.getAddress().length * Byte.SIZE))
                .toList();
    }

    /** The MAC address that a port has itself. */
    static Optional<MacAddress> mac(PortConfig port) {
        return switch (port) {
            case TapPortConfig tap -> Optional.of(tap.mac());
            case SocketPortConfig socket -> Optional.of(socket.mac());
            case InterfacePortConfig device -> Optional.empty();
        };
    }
}
