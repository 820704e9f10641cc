package dev.peregrine.gateway.noun;

import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.DropRow;
import dev.peregrine.gateway.runtime.OverlayGateway;
import java.util.List;

/** Answers {@code drop list}. On the control thread. */
public final class DropCommands implements Noun {
    private final OverlayGateway gateway;

    DropCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("drop list", _ -> list()));
    }

    /** Every drop reason, also those that have not occurred. */
    private List<DropRow> list() {
        gateway.watches().ports().look();
        return gateway.watches().drops().rows(System.nanoTime());
    }
}
