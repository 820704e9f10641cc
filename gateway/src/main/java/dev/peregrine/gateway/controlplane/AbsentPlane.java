package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;

/**
 * Stands for a plane of a type that this build does not have, and says so.
 *
 * @param type the word in the file
 */
record AbsentPlane(String type) implements ControlPlane {
    @Override
    public void start(Feed feed) {
        feed.state(PlaneState.REFUSED, "this build has no planes of type " + type);
    }

    @Override
    public void announce(LocalState wanted) {}

    @Override
    public void resync() {}

    @Override
    public void close() {}
}
