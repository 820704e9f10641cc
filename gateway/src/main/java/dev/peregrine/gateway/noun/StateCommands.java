package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.TrackedFlow;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.report.StateRow;
import dev.peregrine.gateway.control.report.StateStats;
import dev.peregrine.gateway.control.request.StateFilter;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The {@code state} commands: the flows that policies have let pass. On the control thread. */
public final class StateCommands implements Noun {
    /** Rows of one answer: an answer is held in memory as a whole. */
    private static final int MOST_ROWS = 10_000;

    private static final int MAX_PORT = 65_535;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "icmp", "arp");

    private final OverlayGateway gateway;

    StateCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("state list", StateFilter.class, this::list),
                Command.of("state stats", _ -> stats()),
                Command.of("state flush", StateFilter.class, this::flush));
    }

    private FlowStates states() {
        return gateway.policies().policy().states();
    }

    /** The flows that a filter lets pass, those that sent last first. */
    private List<StateRow> list(StateFilter filter) throws CommandRefused {
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
        return flows.stream().limit(MOST_ROWS).map(this::row).toList();
    }

    private StateRow row(TrackedFlow flow) {
        return new StateRow(
                gateway.segments().get(flow.segment()).vni(),
                flow.port() == Packet.NO_PORT ? null : gateway.localPorts().name(flow.port()),
                flow.in() ? "in" : "out",
                IpProtocol.name(flow.protocol()),
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

    /** Ends the flows that a filter lets pass; returns when no packet follows them any more. */
    private Removed flush(StateFilter filter) throws CommandRefused {
        int ended = states().flush(predicate(filter), System.nanoTime());
        gateway.awaitWorkers();
        return new Removed(ended);
    }

    private StateStats stats() {
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
        String protocol = filter.proto();
        if (protocol != null && !PROTOCOLS.contains(protocol)) {
            throw CommandRefused.unreadable("proto: expected tcp, udp, icmp or arp");
        }
        Predicate<TrackedFlow> source = end("src", filter.src(), TrackedFlow::sourceMac, TrackedFlow::source);
        Predicate<TrackedFlow> destination =
                end("dst", filter.dst(), TrackedFlow::destinationMac, TrackedFlow::destination);
        int port = port(filter.port());
        int segment = filter.vni() == null ? -1 : segment(filter.vni());
        return flow -> (segment < 0 || flow.segment() == segment)
                && source.test(flow)
                && destination.test(flow)
                && (protocol == null
                        || IpProtocol.name(flow.protocol()).replace("v6", "").equals(protocol))
                && (port < 0 || hasPort(flow, port));
    }

    private int segment(Vni vni) throws CommandRefused {
        OptionalInt index = gateway.segments().indexOf(vni.number());
        if (index.isEmpty()) {
            throw new CommandRefused("VNI " + vni + " is not configured here");
        }
        return index.getAsInt();
    }

    /** Whether one end of a flow is the one that was given, a MAC address or a network; null is every one. */
    private static Predicate<TrackedFlow> end(
            String name,
            @Nullable String given,
            ToLongFunction<TrackedFlow> macOf,
            Function<TrackedFlow, InetAddress> addressOf)
            throws CommandRefused {
        if (given == null) {
            return flow -> true;
        }
        MacAddress mac = MacAddress.parse(given);
        if (mac != null) {
            return flow -> mac.value() == macOf.applyAsLong(flow);
        }
        Prefix network = Addresses.parsePrefix(given);
        if (network != null) {
            return flow -> network.contains(addressOf.apply(flow));
        }
        throw CommandRefused.unreadable(name + ": found " + given
                + "; expected a MAC address, an IP address, or a network such as 198.19.0.0/24");
    }

    /** A port as given; -1 for none. */
    private static int port(@Nullable String given) throws CommandRefused {
        if (given == null) {
            return -1;
        }
        if (!given.matches("[0-9]{1,8}") || Integer.parseInt(given) > MAX_PORT) {
            throw CommandRefused.unreadable("port: found " + given + "; expected a number from 0 to " + MAX_PORT);
        }
        return Integer.parseInt(given);
    }

    private static boolean hasPort(TrackedFlow flow, int port) {
        boolean ports = flow.protocol() == IpProtocol.TCP || flow.protocol() == IpProtocol.UDP;
        return ports && (flow.sourcePort() == port || flow.destinationPort() == port);
    }
}
