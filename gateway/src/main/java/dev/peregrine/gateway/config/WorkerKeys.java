package dev.peregrine.gateway.config;

import java.util.List;
import java.util.OptionalInt;

/** The keys of {@code workers}, {@code schedule} and {@code fastpath}: how packets meet cores. */
final class WorkerKeys {
    static final Table<WorkersConfig> WORKERS = new Table<>("workers", WorkerKeys::createWorkers);

    private static final Key<WorkersConfig, OptionalInt> COUNT = WORKERS.defaulted(
            "count",
            Scalars.integerOr("auto", 1, 64),
            "auto",
            WorkersConfig::count,
            "How many workers. `auto` is one for each CPU that `cpus` lists, or for every second one of the affinity mask.");
    private static final Key<WorkersConfig, List<Integer>> CPUS = WORKERS.defaulted(
            "cpus",
            Lists.cpus(),
            "auto",
            WorkersConfig::cpus,
            "CPUs that the workers are pinned to, in this order. `auto` is the affinity mask that the gateway was"
                    + " started with, which is never left.");
    private static final Key<WorkersConfig, WorkersConfig.Idle> IDLE = WORKERS.defaulted(
            "idle",
            Scalars.choice(WorkersConfig.Idle.class),
            "adaptive",
            WorkersConfig::idle,
            "How a worker waits for packets. `block`: it sleeps until the kernel wakes it; `spin`: it never sleeps, which"
                    + " takes a whole CPU and gives the lowest latency; `adaptive`: it looks again for some ten"
                    + " microseconds after each packet before it sleeps.");

    static final Table<ScheduleConfig> SCHEDULE = new Table<>("schedule", WorkerKeys::createSchedule);

    private static final Key<ScheduleConfig, ScheduleConfig.Mode> MODE = SCHEDULE.defaulted(
            "mode",
            Scalars.choice(ScheduleConfig.Mode.class),
            "auto",
            ScheduleConfig::mode,
            "`run-to-completion`: one worker carries a packet through all stages; `queued`: a queue between stages;"
                    + " `pipelined`: stages of one flow on several workers (Falcon); `auto` chooses. This version has"
                    + " `auto` and `run-to-completion`, which are the same.");
    private static final Key<ScheduleConfig, Integer> LOAD_THRESHOLD = SCHEDULE.defaulted(
            "loadThreshold",
            Scalars.integer(1, 100),
            "80",
            ScheduleConfig::loadThreshold,
            "Percent of load above which a worker gets no more flows. Without effect in this version.");
    private static final Key<ScheduleConfig, ScheduleConfig.Balance> BALANCE = SCHEDULE.defaulted(
            "balance",
            Scalars.choice(ScheduleConfig.Balance.class),
            "two-choices",
            ScheduleConfig::balance,
            "How a stage's worker is picked: by one hash, or by a second one when the first worker is loaded. Without"
                    + " effect in this version.");
    private static final Key<ScheduleConfig, Integer> SAMPLE_MILLIS = SCHEDULE.defaulted(
            "sampleMillis",
            Scalars.integer(1, 10_000),
            "10",
            ScheduleConfig::sampleMillis,
            "Milliseconds between two samples of the load. Without effect in this version.");

    static final Table<FastpathConfig> FASTPATH = new Table<>("fastpath", WorkerKeys::createFastpath);

    private static final Key<FastpathConfig, Boolean> ENABLED = FASTPATH.defaulted(
            "enabled",
            Scalars.flag(),
            "true",
            FastpathConfig::enabled,
            "Whether the packets of known flows take the fast path, see [fastpath.md](fastpath.md). `flow on` and `flow off` change it at run time.");
    private static final Key<FastpathConfig, Integer> CAPACITY = FASTPATH.defaulted(
            "capacity",
            Scalars.integer(64, 1 << 24),
            "65536",
            FastpathConfig::capacity,
            "The most flows that each worker remembers, rounded up to a power of two; 200 bytes each.");
    private static final Key<FastpathConfig, Integer> SHADOW = FASTPATH.defaulted(
            "shadow",
            Scalars.integer(0, 1_000_000),
            "0",
            FastpathConfig::shadow,
            "One of so many hits also takes the slow path and is compared with it; 0 is none.");

    private WorkerKeys() {}

    private static WorkersConfig createWorkers(Values values) {
        return new WorkersConfig(values.get(COUNT), values.get(CPUS), values.get(IDLE));
    }

    private static ScheduleConfig createSchedule(Values values) {
        return new ScheduleConfig(
                values.get(MODE), values.get(LOAD_THRESHOLD), values.get(BALANCE), values.get(SAMPLE_MILLIS));
    }

    private static FastpathConfig createFastpath(Values values) {
        return new FastpathConfig(values.get(ENABLED), values.get(CAPACITY), values.get(SHADOW));
    }
}
