package dev.peregrine.gateway.control.report;

/**
 * The answer to {@code schedule show}.
 *
 * @param mode as configured or commanded, {@code auto} included
 * @param schedule in force
 * @param reason why
 * @param changes of the schedule since the start
 * @param pauses times that a worker stood still since the start, while its graph was joined again
 * @param pauseMicros of 99 of 100 of the latest at most
 * @param longestPauseMicros of all
 * @param loadThreshold percent
 * @param deviceIds what is hashed together with the flow: {@code bridge 5, port 7, ...}
 */
public record ScheduleReport(
        String mode,
        String schedule,
        String reason,
        long changes,
        long pauses,
        long pauseMicros,
        long longestPauseMicros,
        int loadThreshold,
        int sampleMillis,
        String deviceIds) {}
