package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.fastpath.FlowCounters;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Command.Nothing;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.FlowRow;
import dev.peregrine.gateway.control.report.FlowStats;
import dev.peregrine.gateway.control.report.KernelTierReport;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.request.FlowFilter;
import dev.peregrine.gateway.observe.FlowChoice;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.tier.FlowTier;
import dev.peregrine.gateway.tier.Known;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The questions to the flow caches, and orders for them. On the control thread. */
public final class FlowCommands implements Noun {
    /** Rows of one answer: an answer is held in memory as a whole. */
    private static final int MOST_ROWS = 10_000;

    private final OverlayGateway gateway;

    FlowCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("flow list", FlowFilter.class, this::list),
                Command.of("flow stats", _ -> stats()),
                Command.of("flow flush", _ -> flush()),
                Command.change("flow on", Nothing.class, _ -> turn(true)),
                Command.change("flow off", Nothing.class, _ -> turn(false)));
    }

    private FlowStats stats() {
        long[] sums = new long[9];
        long capacity = 0;
        for (EventLoopLane lane : gateway.lanes()) {
            FastPath path = lane.fastPath();
            FlowCounters counters = path.counters();
            long[] values = {
                counters.entries(),
                counters.hits(),
                counters.misses(),
                counters.inserts(),
                counters.evictions(),
                counters.stale(),
                counters.bypasses(),
                counters.compared(),
                counters.mismatches()
            };
            for (int i = 0; i < sums.length; i++) {
                sums[i] += values[i];
            }
            capacity += path.capacity();
        }
        gateway.tier().collect();
        KernelTierReport tier = gateway.tier().report();
        return new FlowStats(
                sums[0],
                capacity,
                sums[1],
                sums[2],
                sums[3],
                sums[4],
                sums[5],
                sums[6],
                gateway.fastPaths().settings().isOn(),
                gateway.fastPaths().settings().shadow(),
                sums[7],
                sums[8],
                tier.flows(),
                tier.packets(),
                tier.left(),
                tier.reason());
    }

    /** The flows that are wanted, those with most packets first. */
    private List<FlowRow> list(FlowFilter filter) throws CommandRefused {
        FlowChoice choice = FlowChoice.of(filter.filter());
        gateway.tier().collect();
        record Found(EventLoopLane lane, FlowEntry flow) {}
        List<Found> found = new ArrayList<>();
        Set<ByteBuffer> cached = new HashSet<>();
        for (EventLoopLane lane : gateway.lanes()) {
            try {
                for (FlowEntry flow : lane.flows(Integer.MAX_VALUE)) {
                    cached.add(flow.key());
                    if (choice.has(flow(flow))) found.add(new Found(lane, flow));
                }
            } catch (IOException e) {
                throw new CommandRefused("worker " + lane.id() + ": " + e.getMessage());
            }
        }
        for (Known each : gateway.tier().known()) {
            if (!cached.contains(each.flow().key()) && choice.has(flow(each.flow()))) {
                found.add(new Found(each.lane(), each.flow()));
            }
        }
        return found.stream()
                .sorted(Comparator.comparingLong((Found each) -> each.flow.packets())
                        .reversed())
                .limit(MOST_ROWS)
                .map(each -> row(each.lane, each.flow))
                .toList();
    }

    private FlowChoice.Flow flow(FlowEntry entry) {
        return new FlowChoice.Flow(
                gateway.segments().get(entry.segment()).vni(),
                entry.sourceMac(),
                entry.destinationMac(),
                entry.source(),
                entry.destination(),
                entry.protocol(),
                entry.ends() >>> 16,
                entry.ends() & 0xffff);
    }

    private FlowRow row(EventLoopLane lane, FlowEntry flow) {
        long now = System.nanoTime();
        FlowTier tier = gateway.tier().where(flow);
        long idle = now - flow.usedNanos();
        if (tier.inKernel()) {
            idle = Math.min(idle, now - tier.usedNanos());
        }
        boolean echo = flow.protocol() == IpProtocol.ICMP || flow.protocol() == IpProtocol.ICMPV6;
        return new FlowRow(
                gateway.segments().get(flow.segment()).vni(),
                protocol(flow.protocol()),
                AddressText.of(flow.source()),
                echo ? flow.ends() & 0xffff : flow.ends() >>> 16,
                AddressText.of(flow.destination()),
                flow.ends() & 0xffff,
                new MacAddress(flow.sourceMac()).toString(),
                new MacAddress(flow.destinationMac()).toString(),
                place(flow.inPort()),
                place(flow.outPort()),
                flow.packets(),
                flow.bytes(),
                tier.packets(),
                TimeUnit.NANOSECONDS.toSeconds(now - flow.bornNanos()),
                TimeUnit.NANOSECONDS.toSeconds(idle),
                flow.current() ? "current" : "stale",
                Names.worker(lane.id()),
                tier.inKernel() ? "kernel" : "gateway",
                tier.reason());
    }

    private static String protocol(int number) {
        return switch (number) {
            case IpProtocol.TCP -> "tcp";
            case IpProtocol.UDP -> "udp";
            default -> "icmp";
        };
    }

    private String place(int port) {
        return Ports.isTunnel(port)
                ? "vtep " + gateway.names().vtep(port)
                : gateway.names().port(port);
    }

    /** Forgets all flows. */
    private Removed flush() throws CommandRefused {
        gateway.fastPaths().epoch().advanceAll();
        long flows = 0;
        for (EventLoopLane lane : gateway.lanes()) {
            try {
                flows += lane.call(() -> lane.fastPath().clear());
            } catch (IOException e) {
                throw new CommandRefused("worker " + lane.id() + ": " + e.getMessage());
            }
        }
        return new Removed(flows);
    }

    /** Turns the fast path on or off; returns when every worker follows. */
    private void turn(boolean on) {
        gateway.fastPaths().settings().turn(on);
        gateway.awaitWorkers();
    }
}
