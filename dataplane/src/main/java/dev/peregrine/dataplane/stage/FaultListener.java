package dev.peregrine.dataplane.stage;

/** Receives exceptions and errors that were contained. Called on the worker's thread; must return normally. */
@FunctionalInterface
public interface FaultListener {
    /**
     * Reports a failure that has cost at most one batch.
     *
     * @param where the stage, sink or task that failed
     */
    void failed(String where, Throwable fault);
}
