package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.TrackedFlow;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.report.policy.StateRow;
import dev.peregrine.gateway.control.report.policy.StateStats;
import dev.peregrine.gateway.control.request.policy.StateFilter;
import dev.peregrine.gateway.observe.FlowChoice;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** The {@code state} commands: the flows that policies have let pass. On the control thread. */
public final class StateCommands implements Noun {
    /** Rows of one answer: an answer is held in memory as a whole. */
    private static final int MOST_ROWS = 10_000;

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
        states().flows()
                .forEach(
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
        int ended = states().flows().flush(predicate(filter), System.nanoTime());
        gateway.awaitWorkers();
        return new Removed(ended);
    }

    private StateStats stats() {
        FlowStates states = states();
        long[] entries = new long[1];
        states.flows().forEach(flow -> entries[0]++, System.nanoTime());
        return new StateStats(
                entries[0],
                states.slots(),
                states.opened(),
                states.flows().expired(),
                states.evicted(),
                states.refused(),
                states.flows().flushed());
    }

    private Predicate<TrackedFlow> predicate(StateFilter words) throws CommandRefused {
        FlowChoice choice = FlowChoice.of(words.filter());
        if (choice.vni() != PacketFilter.ANY
                && gateway.segments().indexOf(choice.vni()).isEmpty()) {
            throw new CommandRefused("VNI " + choice.vni() + " is not configured here");
        }
        return flow -> choice.has(flow(flow));
    }

    private FlowChoice.Flow flow(TrackedFlow flow) {
        return new FlowChoice.Flow(
                gateway.segments().get(flow.segment()).vni(),
                flow.sourceMac(),
                flow.destinationMac(),
                flow.source(),
                flow.destination(),
                flow.protocol(),
                flow.sourcePort(),
                flow.destinationPort());
    }
}
