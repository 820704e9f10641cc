package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.ThreadPriority;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

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
            "CPUs that the workers are pinned to, in this order. `auto` takes those on which nobody receives for the underlay, as far"
                    + " as there is a choice, and moves workers when that changes: see [operations.md](operations.md). The affinity"
                    + " mask that the gateway was started with is never left.");
    private static final Key<WorkersConfig, WorkersConfig.Idle> IDLE = WORKERS.defaulted(
            "idle",
            Scalars.choice(WorkersConfig.Idle.class),
            "adaptive",
            WorkersConfig::idle,
            "How a worker waits for packets. `block`: it sleeps until the kernel wakes it; `spin`: it never sleeps, which"
                    + " takes a whole CPU and gives the lowest latency; `adaptive`: after a few packets it"
                    + " looks again for some ten microseconds before it sleeps, after eight and more at once it sleeps.");

    private static final Key<WorkersConfig, OptionalInt> NICE = WORKERS.defaulted(
            "nice",
            Scalars.integerOr("inherit", ThreadPriority.MOST, ThreadPriority.LEAST),
            "inherit",
            WorkersConfig::nice,
            "The nice value of the workers' threads; `inherit` is that which the gateway was started with. Below 0, who brings and takes the packets on the same CPU interrupts"
                    + " them less, and gets less of it: see [operations.md](operations.md). Where the kernel refuses (below 0"
                    + " it wants CAP_SYS_NICE), the log says so.");

    private static final Key<WorkersConfig, OptionalInt> SLICE_MILLIS = WORKERS.defaulted(
            "sliceMillis",
            Scalars.integerOr("inherit", 1, (int) TimeUnit.NANOSECONDS.toMillis(ThreadPriority.LONGEST_SLICE_NANOS)),
            "20",
            WorkersConfig::sliceMillis,
            "Milliseconds of CPU that a worker asks the scheduler for at a time; `inherit` is the kernel's own choice. With more than others"
                    + " ask for, an application on the worker's CPU takes its packets as soon as it is woken, and its socket buffer does not"
                    + " overflow meanwhile: see [operations.md](operations.md). The share of the CPU stays the same. Linux before 6.12 ignores it.");

    private static final Key<WorkersConfig, WorkersConfig.NapiThreads> NAPI_THREADS = WORKERS.defaulted(
            "napiThreads",
            Scalars.choice(WorkersConfig.NapiThreads.class),
            "steer",
            WorkersConfig::napiThreads,
            "What becomes of a kernel thread that receives for the underlay (threaded NAPI) and contends with a worker for its CPU."
                    + " `steer`: while both are busy, the gateway keeps it to CPUs without workers, if it may run anywhere and there are any"
                    + " (it wants CAP_SYS_NICE); `leave`: it stays as it is. See [operations.md](operations.md).");

    static final Table<ScheduleConfig> SCHEDULE = new Table<>("schedule", WorkerKeys::createSchedule);

    private static final Key<ScheduleConfig, ScheduleConfig.Mode> MODE = SCHEDULE.defaulted(
            "mode",
            Scalars.choice(ScheduleConfig.Mode.class),
            "run-to-completion",
            ScheduleConfig::mode,
            "`run-to-completion`: one worker carries a packet through all stages; `queued`: so too, with a queue before"
                    + " each device; `pipelined`: the devices of one flow run on several workers (Falcon); `auto`"
                    + " chooses by what stages cost and how busy workers are. `peregrine schedule set` changes it.");
    private static final Key<ScheduleConfig, Integer> LOAD_THRESHOLD = SCHEDULE.defaulted(
            "loadThreshold",
            Scalars.integer(1, 100),
            "80",
            ScheduleConfig::loadThreshold,
            "Percent of load from which on a worker is busy, so that `two-choices` looks for another, and, as the mean"
                    + " of all workers, pipelining pauses. A load reads 96 at most: from 97 on it never pauses.");
    private static final Key<ScheduleConfig, ScheduleConfig.Balance> BALANCE = SCHEDULE.defaulted(
            "balance",
            Scalars.choice(ScheduleConfig.Balance.class),
            "two-choices",
            ScheduleConfig::balance,
            "How the worker of a device is picked under `pipelined`: `static` by one hash of flow and device id;"
                    + " `two-choices` by a second hash when the first worker is busy.");
    private static final Key<ScheduleConfig, Integer> SAMPLE_MILLIS = SCHEDULE.defaulted(
            "sampleMillis",
            Scalars.integer(1, 10_000),
            "10",
            ScheduleConfig::sampleMillis,
            "Milliseconds between two samples of the load, each of which weighs one fifth; ten times that while nothing"
                    + " happens.");
    private static final Key<ScheduleConfig, Boolean> SPLIT = SCHEDULE.defaulted(
            "split",
            Scalars.flag(),
            "false",
            ScheduleConfig::split,
            "Whether, under `pipelined`, datagrams are received by one worker and coalesced by another. For when receiving"
                    + " alone fills a worker.");

    static final Table<DeviceIdsConfig> DEVICE_IDS = new Table<>("schedule.deviceIds", WorkerKeys::createDeviceIds);

    private static final Key<DeviceIdsConfig, Integer> UNDERLAY_ID =
            deviceId("underlay", "1", DeviceIdsConfig::underlay, "Coalescing, where it is split from receiving.");
    private static final Key<DeviceIdsConfig, Integer> VTEP_ID =
            deviceId("vtep", "3", DeviceIdsConfig::vtep, "Decap and encap.");
    private static final Key<DeviceIdsConfig, Integer> BRIDGE_ID =
            deviceId("bridge", "5", DeviceIdsConfig::bridge, "Learning and forwarding, and policy.");
    private static final Key<DeviceIdsConfig, Integer> PORT_ID =
            deviceId("port", "7", DeviceIdsConfig::port, "Every local port.");

    private static final Key<ScheduleConfig, DeviceIdsConfig> IDS = SCHEDULE.defaulted(
            "deviceIds",
            DEVICE_IDS,
            "{}",
            ScheduleConfig::deviceIds,
            "The ids of the kinds of devices, all different: what is hashed together with the flow. Ids of neighbours"
                    + " that differ by 2 put them on different workers for nearly all flows when there are two workers,"
                    + " ids that differ by 1 for half of them.");

    private static Key<DeviceIdsConfig, Integer> deviceId(
            String kind, String number, Function<DeviceIdsConfig, Integer> of, String meaning) {
        return DEVICE_IDS.defaulted(kind, Scalars.integer(0, 65_535), number, of, meaning);
    }

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
            "With n, one of n hits also takes the slow path and is compared with it; 0 is none.");

    private WorkerKeys() {}

    private static WorkersConfig createWorkers(Values values) {
        return new WorkersConfig(
                values.get(COUNT),
                values.get(CPUS),
                values.get(IDLE),
                values.get(NICE),
                values.get(SLICE_MILLIS),
                values.get(NAPI_THREADS));
    }

    private static ScheduleConfig createSchedule(Values values) {
        return new ScheduleConfig(
                values.get(MODE),
                values.get(LOAD_THRESHOLD),
                values.get(BALANCE),
                values.get(SAMPLE_MILLIS),
                values.get(SPLIT),
                values.get(IDS));
    }

    private static DeviceIdsConfig createDeviceIds(Values values) {
        return new DeviceIdsConfig(
                values.get(UNDERLAY_ID), values.get(VTEP_ID), values.get(BRIDGE_ID), values.get(PORT_ID));
    }

    private static FastpathConfig createFastpath(Values values) {
        return new FastpathConfig(values.get(ENABLED), values.get(CAPACITY), values.get(SHADOW));
    }
}
