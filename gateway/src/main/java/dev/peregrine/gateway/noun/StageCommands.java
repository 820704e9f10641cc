package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.StageRow;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.ArrayList;
import java.util.List;

/** Answers {@code stage list}. On the control thread. */
public final class StageCommands implements Noun {
    private final OverlayGateway gateway;

    StageCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("stage list", _ -> list()));
    }

    private List<StageRow> list() {
        List<StageRow> rows = new ArrayList<>();
        for (EventLoopLane lane : gateway.lanes()) {
            lane.graph().stages().forEach(stage -> rows.add(row(lane, stage)));
        }
        return rows;
    }

    private static StageRow row(EventLoopLane lane, StageSpec stage) {
        Counters counters = lane.graph().node(stage.address()).counters();
        long walked = counters.packets() - counters.skipped();
        double batch = counters.batches() == 0 ? 0 : (double) walked / counters.batches();
        return new StageRow(
                stage.device(),
                stage.name(),
                Names.worker(lane.id()),
                counters.packets(),
                counters.segments(),
                counters.drops(),
                Math.round(counters.nanosPerPacket() * 10) / 10.0,
                Math.round(batch * 10) / 10.0,
                lane.graph().queueDepth(stage.address()),
                counters.copies(),
                counters.answers(),
                counters.consumed());
    }
}
