package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.dataplane.schedule.Schedule;
import java.util.List;

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
        Schedule.Mode mode,
        int loadThreshold,
        Schedule.Balance balance,
        int sampleMillis,
        boolean split,
        DeviceIdsConfig deviceIds) {
    /** The words of the schedules, in files and commands. */
    public static final List<String> MODES = EnumWord.all(Schedule.Mode.class);

    /** The words of Falcon's choices of a worker. */
    public static final List<String> BALANCES = EnumWord.all(Schedule.Balance.class);

    /** The schedule to begin with; {@code auto} begins with run-to-completion. */
    public Schedule first() {
        return switch (mode) {
            case AUTO, RUN_TO_COMPLETION -> new Schedule.RunToCompletion();
            case QUEUED -> new Schedule.Queued(Schedule.Queued.DEFAULT_CAPACITY);
            case PIPELINED -> pipelined();
        };
    }

    /** The same with what a command chooses. */
    public ScheduleConfig with(Schedule.Mode chosen, Schedule.Balance chosenBalance, boolean chosenSplit) {
        return new ScheduleConfig(chosen, loadThreshold, chosenBalance, sampleMillis, chosenSplit, deviceIds);
    }

    /** Pipelining as configured, whatever the mode. */
    public Schedule.Pipelined pipelined() {
        return new Schedule.Pipelined(balance, loadThreshold, split, true, List.of(), deviceIds.byKind());
    }
}
