package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Batch;

/** A stage around another one, which it is to its node: what {@link Instruments} put around stages extends it. */
public class WrappedStage implements Stage {
    /** The stage inside. */
    protected final Stage stage;

    /** Does what the stage does. */
    protected WrappedStage(Stage stage) {
        this.stage = stage;
    }

    @Override
    public String name() {
        return stage.name();
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
