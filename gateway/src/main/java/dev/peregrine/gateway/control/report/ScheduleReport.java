package dev.peregrine.gateway.control.report;

/**
 * The answer to {@code schedule show}.
 *
 * @param mode as configured or commanded, {@code auto} included
 * @param schedule in force
 * @param reason why
 * @param changes of the schedule since the start
 * @param loadThreshold percent
 * @param deviceIds what is hashed together with the flow: {@code bridge 5, port 7, ...}
 */
public record ScheduleReport(
        String mode,
        String schedule,
        String reason,
        long changes,
        int loadThreshold,
        int sampleMillis,
        String deviceIds) {}
