package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.stage.WrappedStage;

/** A stage that tells its whole address, so that a drop says where it was decided. */
class NamedStage extends WrappedStage {
    private final String address;

    NamedStage(String address, Stage stage) {
        super(stage);
        this.address = address;
    }

    @Override
    public final String name() {
        return address;
    }
}
