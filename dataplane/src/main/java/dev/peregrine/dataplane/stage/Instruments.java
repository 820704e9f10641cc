package dev.peregrine.dataplane.stage;

/**
 * Decorators around the parts of a graph: they measure, add work or faults, or take a part's place. Called when a
 * worker's graph is prepared, by another thread while the worker may go on with the graph before; a part that is handed
 * back as it is has nothing around it.
 */
public interface Instruments {
    /** Nothing around anything. */
    Instruments NONE = new Instruments() {};

    /** The stand-in for the stage with an address such as {@code vtep.decap}. */
    default Stage stage(String address, Stage stage) {
        return stage;
    }

    /**
     * The stand-in for a sink: a terminal by its name, a receiver by its address, or what follows one, {@link #behind}.
     */
    default Sink sink(String name, Sink sink) {
        return sink;
    }

    /** The stand-in for a source, by the name of the terminal that it belongs to. */
    default Source source(String name, Source source) {
        return source;
    }

    /** The name of what follows a receiver. */
    static String behind(String receiver) {
        return "behind " + receiver;
    }

    /** These with others around them, which so see what these cost. */
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
