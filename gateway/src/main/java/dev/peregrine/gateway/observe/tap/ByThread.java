package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import java.util.Map;

/** Gives each worker its own instruments: a graph is joined on the thread of the worker that it is for. */
public final class ByThread implements Instruments {
    private final Map<Thread, ? extends Instruments> taps;

    /** Instruments by the thread of their worker. */
    public ByThread(Map<Thread, ? extends Instruments> taps) {
        this.taps = Map.copyOf(taps);
    }

    private Instruments own() {
        Instruments tap = taps.get(Thread.currentThread());
        return tap == null ? Instruments.NONE : tap;
    }

    @Override
    public Stage stage(String address, Stage stage) {
        return own().stage(address, stage);
    }

    @Override
    public Sink sink(String name, Sink sink) {
        return own().sink(name, sink);
    }

    @Override
    public Source source(String name, Source source) {
        return own().source(name, source);
    }
}
