package dev.peregrine.gateway.config;

/**
 * How the stages of one flow are spread over the workers.
 *
 * @param loadThreshold percent of a worker above which Falcon looks for another
 * @param balance how Falcon picks a worker
 * @param sampleMillis milliseconds between two samples of the load
 * @param split whether, under {@code pipelined}, receiving and coalescing are on different workers
 * @param deviceIds what Falcon hashes together with the flow
 */
public record ScheduleConfig(
        Mode mode, int loadThreshold, Balance balance, int sampleMillis, boolean split, DeviceIdsConfig deviceIds) {

    /** The schedules. */
    public enum Mode {
        AUTO,
        RUN_TO_COMPLETION,
        QUEUED,
        PIPELINED
    }

    /** Falcon's worker choice: always the first hash, or a second one when the first worker is loaded. */
    public enum Balance {
        STATIC,
        TWO_CHOICES
    }
}
