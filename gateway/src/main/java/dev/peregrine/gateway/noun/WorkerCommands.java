package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.WorkerRow;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.List;

/** Answers {@code worker list}. On the control thread. */
public final class WorkerCommands implements Noun {
    private final OverlayGateway gateway;

    WorkerCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(Command.of("worker list", _ -> list()));
    }

    private List<WorkerRow> list() {
        return gateway.lanes().stream().map(this::row).toList();
    }

    private WorkerRow row(EventLoopLane lane) {
        WorkerGroup group = gateway.scheduling().group();
        return new WorkerRow(
                Names.worker(lane.id()),
                lane.loop().cpu(),
                group.loads().percent(lane.id()),
                lane.worker().packets(),
                group.handOffs(lane.id()),
                lane.loop().wakeUps(),
                group.reorders(lane.id()),
                group.depth(lane.id()),
                lane.worker().parked(),
                lane.pool().capacity(),
                lane.pool().shortages());
    }
}
