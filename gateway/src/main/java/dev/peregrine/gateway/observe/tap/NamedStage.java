package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.stage.Stage;

/** A stage that tells its whole address, so that a drop says where it was decided. */
class NamedStage implements Stage {
    private final String address;
    private final Stage stage;

    NamedStage(String address, Stage stage) {
        this.address = address;
        this.stage = stage;
    }

    @Override
    public final String name() {
        return address;
    }

    @Override
    public final boolean isIdle() {
        return stage.isIdle();
    }

    @Override
    public final boolean recordsFlow() {
        return stage.recordsFlow();
    }

    @Override
    public void process(Batch batch) {
        stage.process(batch);
    }
}
