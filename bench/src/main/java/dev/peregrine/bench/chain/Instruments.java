package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;

/**
 * The parts that an experiment puts around those of a chain: to measure them, to add work to them, or to put something
 * else in their place. Called when a worker is assembled, for each of its parts.
 */
public interface Instruments {
    /** The name of the source. */
    String RECEIVE = "receive";

    /** The name of the coalescer. */
    String COALESCE = "coalesce";

    /** The name of the sink behind the coalescer. */
    String COALESCED = "coalesced";

    /** Nothing around anything. */
    Instruments NONE = new Instruments() {};

    /** The stand-in for a stage with an address such as {@code vtep.decap}. */
    default Stage stage(String address, Stage stage) {
        return stage;
    }

    /** The stand-in for the coalescer, for the sink behind it, or for a terminal, by name. */
    default Sink sink(String name, Sink sink) {
        return sink;
    }

    /** The stand-in for the source. */
    default Source source(String name, Source source) {
        return source;
    }

    /** These with others around them, which thus measure the cost of these. */
    default Instruments within(Instruments outer) {
        Instruments inner = this;
        return new Instruments() {
            @Override
            public Stage stage(String address, Stage stage) {
                return outer.stage(address, inner.stage(address, stage));
            }

            @Override
            public Sink sink(String name, Sink sink) {
                return outer.sink(name, inner.sink(name, sink));
            }

            @Override
            public Source source(String name, Source source) {
                return outer.source(name, inner.source(name, source));
            }
        };
    }
}
