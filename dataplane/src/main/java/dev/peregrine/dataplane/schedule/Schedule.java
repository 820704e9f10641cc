package dev.peregrine.dataplane.schedule;

/** How the devices of a graph are joined: where their stages run, never what they do. */
public sealed interface Schedule {
    /** Every packet walks the whole graph on the worker that received it, by plain calls. */
    record RunToCompletion() implements Schedule {
        @Override
        public String toString() {
            return "run-to-completion";
        }
    }
}
