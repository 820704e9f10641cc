package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Version;
import dev.peregrine.gateway.control.report.StatusReport;
import dev.peregrine.gateway.runtime.Offloads;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.underlay.ReceiveFailure;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Answers {@code status}. On the control thread. */
public final class StatusCommands implements Noun {
    private final OverlayGateway gateway;

    StatusCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("status", _ -> report()));
    }

    private StatusReport report() {
        gateway.watches().ports().look();
        gateway.tier().collect();
        Policy rules = gateway.policies().policy();
        FlowStates states = rules.states();
        return new StatusReport(
                Version.text(),
                gateway.lanes().getFirst().underlay().mode(),
                gateway.scheduling().state().schedule().toString(),
                gateway.scheduling().state().reason(),
                gateway.lanes().size(),
                sum(lane -> lane.received().segments()),
                sum(this::sent),
                gateway.losses().total(),
                state(),
                gateway.uptimeSeconds(),
                AddressText.of(gateway.config().underlay().local()),
                gateway.config().underlay().port(),
                gateway.fdb().size(),
                Offloads.rows(gateway),
                sum(StatusCommands::receiveFailures),
                receiveError(),
                gateway.bridge().learnsDropped(),
                gateway.bridge().neighboursDropped(),
                states.opened(),
                states.evicted(),
                states.refused(),
                logLinesDropped(rules),
                gateway.losses().kernelCounters(),
                gateway.lanes().getFirst().underlay().sendBufferBytes(),
                gateway.lanes().getFirst().underlay().sendBufferWantedBytes(),
                sum(lane -> lane.pool().shortages()),
                gateway.underlay().isUp() ? "up" : "waiting",
                gateway.underlay().reason(),
                gateway.watches().placement().workers(gateway.lanes()),
                gateway.watches().placement().receiverRows(),
                gateway.watches().placement().gaps(),
                ProcessHandle.current().pid(),
                configuration(),
                NetNamespace.ownLabel(),
                gateway.tier().report(),
                ControlCommands.list(gateway));
    }

    private static long logLinesDropped(Policy rules) {
        return IntStream.range(0, rules.workers())
                .mapToLong(worker -> rules.log(worker).lost())
                .sum();
    }

    private @Nullable String configuration() {
        return gateway.reload()
                .path()
                .map(path -> path.toAbsolutePath().normalize().toString())
                .orElse(null);
    }

    private long sum(ToLongFunction<EventLoopLane> count) {
        return gateway.lanes().stream().mapToLong(count).sum();
    }

    private static long receiveFailures(EventLoopLane lane) {
        ReceiveFailure failure = lane.underlay().receiveFailure();
        return failure == null ? 0 : failure.count();
    }

    private @Nullable String receiveError() {
        return gateway.lanes().stream()
                .map(lane -> lane.underlay().receiveFailure())
                .filter(Objects::nonNull)
                .map(ReceiveFailure::toString)
                .findFirst()
                .orElse(null);
    }

    private String state() {
        if (gateway.drain().isOn()) {
            return "draining";
        }
        return gateway.underlay().isUp() ? "ready" : "waiting";
    }

    private long sent(EventLoopLane lane) {
        long sum = 0;
        for (int vtep = 0; vtep < gateway.vteps().slots(); vtep++) { // those included that have been forgotten since
            sum += lane.underlay().vtepCounters().sentDatagrams(vtep);
        }
        return sum;
    }
}
