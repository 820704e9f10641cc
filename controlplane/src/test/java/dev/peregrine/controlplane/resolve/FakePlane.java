package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import java.util.ArrayList;
import java.util.List;

/** A plane that remembers what it was told. */
final class FakePlane implements ControlPlane {
    final List<LocalState> announced = new ArrayList<>();
    int resyncs;

    @Override
    public void start(Feed feed) {}

    @Override
    public void announce(LocalState wanted) {
        announced.add(wanted);
    }

    @Override
    public void resync() {
        resyncs++;
    }

    @Override
    public void close() {}
}
