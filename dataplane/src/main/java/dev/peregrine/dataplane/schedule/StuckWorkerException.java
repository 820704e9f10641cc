package dev.peregrine.dataplane.schedule;

/** A worker did not end its batch in time; a batch normally takes milliseconds. The message names the worker. */
public final class StuckWorkerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StuckWorkerException(int worker, int seconds) {
        super("worker %d has not ended its batch for %d seconds".formatted(worker, seconds));
    }
}
