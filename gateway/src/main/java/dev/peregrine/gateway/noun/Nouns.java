package dev.peregrine.gateway.noun;

import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.observe.ObserveCommands;
import dev.peregrine.gateway.policy.PolicyCommands;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.util.List;

/** The commands of a gateway. Each answers from its tables and counters, on its control thread. */
public final class Nouns {
    private Nouns() {}

    /** All nouns of a gateway. */
    public static List<Noun> of(OverlayGateway gateway) {
        return List.of(
                new StatusCommands(gateway),
                new ControlCommands(gateway),
                new ConfigCommands(gateway),
                new VniCommands(gateway),
                new PortCommands(gateway),
                new VtepCommands(gateway),
                new FdbCommands(gateway),
                new NeighbourCommands(gateway),
                new PolicyCommands(gateway.policies()),
                new FlowCommands(gateway),
                new StateCommands(gateway),
                new DropCommands(gateway),
                new WorkerCommands(gateway),
                new StageCommands(gateway),
                new ScheduleCommands(gateway),
                new ObserveCommands(gateway));
    }
}
