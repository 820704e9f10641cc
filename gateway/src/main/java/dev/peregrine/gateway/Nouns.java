package dev.peregrine.gateway;

import dev.peregrine.gateway.control.Noun;
import java.util.List;

/** The commands of a gateway. Each answers from its tables and counters, on its control thread. */
final class Nouns {
    private Nouns() {}

    static List<Noun> of(OverlayGateway gateway) {
        return List.of(
                new StatusCommands(gateway),
                new VniCommands(gateway),
                new PortCommands(gateway),
                new VtepCommands(gateway),
                new FdbCommands(gateway),
                new PolicyCommands(gateway.policies()),
                new FlowCommands(gateway),
                new StateCommands(gateway),
                new DropCommands(gateway),
                new WorkerCommands(gateway),
                new StageCommands(gateway),
                new ScheduleCommands(gateway));
    }
}
