package dev.peregrine.gateway;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.AddressText;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.FlowStates;
import dev.peregrine.dataplane.policy.TrackedFlow;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.StateFilter;
import dev.peregrine.gateway.control.StateRow;
import dev.peregrine.gateway.control.StateStats;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** The {@code state} commands: the flows that policies have let pass. On the control thread. */
final class StateCommands {
    private final OverlayGateway gateway;

    StateCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    private FlowStates states() {
        return gateway.policies().policy().states();
    }

    /** The flows that a filter lets pass, those that sent last first, at most {@code most}. */
    List<StateRow> list(StateFilter filter, int most) throws CommandRefused {
        Predicate<TrackedFlow> chosen = predicate(filter);
        List<TrackedFlow> flows = new ArrayList<>();
        states().forEach(
                        flow -> {
                            if (chosen.test(flow)) {
                                flows.add(flow);
                            }
                        },
                        System.nanoTime());
        flows.sort(Comparator.comparingLong(TrackedFlow::idleSeconds));
        return flows.stream().limit(most).map(this::row).toList();
    }

    private StateRow row(TrackedFlow flow) {
        return new StateRow(
                gateway.segments().get(flow.segment()).vni(),
                flow.port() == Packet.NO_PORT
                        ? null
                        : gateway.ports().get(flow.port()).config().name(),
                flow.in() ? "in" : "out",
                protocol(flow.protocol()),
                AddressText.of(flow.source()),
                flow.sourcePort(),
                AddressText.of(flow.destination()),
                flow.destinationPort(),
                new MacAddress(flow.sourceMac()).toString(),
                new MacAddress(flow.destinationMac()).toString(),
                flow.state(),
                flow.assured(),
                flow.idleSeconds(),
                flow.expiresSeconds());
    }

    private static String protocol(int number) {
        return switch (number) {
            case IpProtocol.TCP -> "tcp";
            case IpProtocol.UDP -> "udp";
            case IpProtocol.ICMP -> "icmp";
            case IpProtocol.ICMPV6 -> "icmpv6";
            default -> String.valueOf(number);
        };
    }

    /** Ends the flows that a filter lets pass; returns how many, when no packet follows them any more. */
    int flush(StateFilter filter) throws CommandRefused {
        int ended = states().flush(predicate(filter), System.nanoTime());
        gateway.awaitWorkers();
        return ended;
    }

    StateStats stats() {
        FlowStates states = states();
        long[] entries = new long[1];
        states.forEach(flow -> entries[0]++, System.nanoTime());
        return new StateStats(
                entries[0],
                states.slots(),
                states.opened(),
                states.expired(),
                states.evicted(),
                states.refused(),
                states.flushed());
    }

    private Predicate<TrackedFlow> predicate(StateFilter filter) throws CommandRefused {
        int segment = -1;
        if (filter.vni().isPresent()) {
            OptionalInt index = gateway.segments().indexOf(filter.vni().getAsInt());
            if (index.isEmpty()) {
                throw new CommandRefused("VNI " + filter.vni().getAsInt() + " is not configured here");
            }
            segment = index.getAsInt();
        }
        int only = segment;
        return flow -> (only < 0 || flow.segment() == only)
                && filter.source().stream().allMatch(end -> isEnd(end, flow.sourceMac(), flow.source()))
                && filter.destination().stream().allMatch(end -> isEnd(end, flow.destinationMac(), flow.destination()))
                && filter.protocol().stream()
                        .allMatch(name ->
                                protocol(flow.protocol()).replace("v6", "").equals(name))
                && (filter.port().isEmpty() || hasPort(flow, filter.port().getAsInt()));
    }

    private static boolean isEnd(StateFilter.End end, long mac, InetAddress address) {
        return end.mac().stream().allMatch(its -> its.value() == mac)
                && end.network().stream().allMatch(its -> its.contains(address));
    }

    private static boolean hasPort(TrackedFlow flow, int port) {
        boolean ports = flow.protocol() == IpProtocol.TCP || flow.protocol() == IpProtocol.UDP;
        return ports && (flow.sourcePort() == port || flow.destinationPort() == port);
    }
}
