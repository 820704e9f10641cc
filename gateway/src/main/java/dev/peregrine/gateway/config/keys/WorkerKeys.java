package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.linux.sys.ThreadPriority;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.gateway.config.model.DeviceIdsConfig;
import dev.peregrine.gateway.config.model.FastpathConfig;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.config.model.WorkersConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** The keys of {@code workers}, {@code schedule} and {@code fastpath}: how packets meet cores. */
public final class WorkerKeys {
    /** The keys of {@code workers}. */
    public static final Table<WorkersConfig> WORKERS = new Table<>("workers", WorkerKeys::createWorkers).takesRestart();

    private static final Key<WorkersConfig, OptionalInt> COUNT = WORKERS.defaulted(
            "count",
            Scalars.integerOr("auto", 1, 64),
            OptionalInt.empty(),
            WorkersConfig::count,
            "How many workers. `auto` is one for each CPU that `cpus` lists, or for every second one of the affinity mask.");
    private static final Key<WorkersConfig, List<Integer>> CPUS = WORKERS.defaulted(
            "cpus",
            Lists.cpus(),
            List.of(),
            WorkersConfig::cpus,
            "CPUs that the workers are pinned to, in this order. `auto` takes those on which nobody receives for the underlay, as far"
                    + " as there is a choice, and moves workers when that changes: see [operations.md](operations.md). The affinity"
                    + " mask that the gateway was started with is never left.");
    private static final Key<WorkersConfig, WorkersConfig.Idle> IDLE = WORKERS.defaulted(
            "idle",
            Scalars.choice(WorkersConfig.Idle.class),
            WorkersConfig.Idle.ADAPTIVE,
            WorkersConfig::idle,
            "How a worker waits for packets. `block`: it sleeps until the kernel wakes it; `spin`: it never sleeps, which"
                    + " takes a whole CPU and gives the lowest latency; `adaptive`: after a few packets it"
                    + " looks again for some ten microseconds before it sleeps, after eight and more at once it sleeps.");

    private static final Key<WorkersConfig, OptionalInt> NICE = WORKERS.defaulted(
            "nice",
            Scalars.integerOr("inherit", ThreadPriority.MOST, ThreadPriority.LEAST),
            OptionalInt.empty(),
            WorkersConfig::nice,
            "The nice value of the workers' threads; `inherit` is that which the gateway was started with. Below 0, the threads"
                    + " that bring and take the packets on the same CPU interrupt a worker less, and get less of the CPU: see [operations.md](operations.md). Where the kernel refuses (below 0"
                    + " it wants CAP_SYS_NICE), the log says so.");

    private static final Key<WorkersConfig, OptionalInt> SLICE_MILLIS = WORKERS.defaulted(
            "sliceMillis",
            Scalars.integerOr("inherit", 1, (int) TimeUnit.NANOSECONDS.toMillis(ThreadPriority.LONGEST_SLICE_NANOS)),
            OptionalInt.of(20),
            WorkersConfig::sliceMillis,
            "Milliseconds of CPU that a worker asks the scheduler for at a time; `inherit` is the kernel's own choice. With more than others"
                    + " ask for, an application on the worker's CPU takes its packets as soon as it is woken, and its socket buffer does not"
                    + " overflow meanwhile: see [operations.md](operations.md). The share of the CPU stays the same. Linux before 6.12 ignores it.");

    private static final Key<WorkersConfig, WorkersConfig.NapiThreads> NAPI_THREADS = WORKERS.defaulted(
            "napiThreads",
            Scalars.choice(WorkersConfig.NapiThreads.class),
            WorkersConfig.NapiThreads.STEER,
            WorkersConfig::napiThreads,
            "What becomes of a kernel thread that receives for the underlay (threaded NAPI) and contends with a worker for its CPU."
                    + " `steer`: while both are busy, the gateway keeps it to CPUs without workers, if it may run anywhere and there are any"
                    + " (it wants CAP_SYS_NICE); `leave`: it stays as it is. See [operations.md](operations.md).");

    /** The keys of {@code schedule}. */
    public static final Table<ScheduleConfig> SCHEDULE = new Table<>("schedule", WorkerKeys::createSchedule);

    private static final Key<ScheduleConfig, Schedule.Mode> MODE = SCHEDULE.defaulted(
            "mode",
            Scalars.choice(Schedule.Mode.class),
            Schedule.Mode.RUN_TO_COMPLETION,
            ScheduleConfig::mode,
            "`run-to-completion`: one worker carries a packet through all stages; `queued`: so too, with a queue before"
                    + " each device; `pipelined`: the devices of one flow run on several workers (Falcon); `auto`"
                    + " chooses by what stages cost and how busy workers are. `peregrine schedule set` changes it.");
    private static final Key<ScheduleConfig, Integer> LOAD_THRESHOLD = SCHEDULE.defaulted(
            "loadThreshold",
            Scalars.integer(1, 100),
            Schedule.Pipelined.DEFAULT.loadThreshold(),
            ScheduleConfig::loadThreshold,
            "Percent of load from which on a worker is busy, so that `two-choices` looks for another, and, as the mean"
                    + " of all workers, pipelining pauses. A load reads 96 at most: from 97 on it never pauses.");
    private static final Key<ScheduleConfig, Schedule.Balance> BALANCE = SCHEDULE.defaulted(
            "balance",
            Scalars.choice(Schedule.Balance.class),
            Schedule.Pipelined.DEFAULT.balance(),
            ScheduleConfig::balance,
            "How the worker of a device is picked under `pipelined`: `static` by one hash of flow and device id;"
                    + " `two-choices` by a second hash when the first worker is busy.");
    private static final Key<ScheduleConfig, Integer> SAMPLE_MILLIS = SCHEDULE.defaulted(
            "sampleMillis",
            Scalars.integer(1, 10_000),
            10,
            ScheduleConfig::sampleMillis,
            "Milliseconds between two samples of the load, each of which weighs one fifth; about 250 while nothing"
                    + " happens.");
    private static final Key<ScheduleConfig, Boolean> SPLIT = SCHEDULE.defaulted(
            "split",
            Scalars.flag(),
            Schedule.Pipelined.DEFAULT.split(),
            ScheduleConfig::split,
            "Whether, under `pipelined`, datagrams are received by one worker and coalesced by another. For when receiving"
                    + " alone fills a worker.");

    private static final List<Key<DeviceIdsConfig, Integer>> DEVICE_KINDS = new ArrayList<>();

    /** The keys of {@code schedule.deviceIds}. */
    public static final Table<DeviceIdsConfig> DEVICE_IDS =
            new Table<>("schedule.deviceIds", WorkerKeys::createDeviceIds);

    static {
        deviceId("underlay", "Coalescing, where it is split from receiving.");
        deviceId("vtep", "Decap and encap.");
        deviceId("bridge", "Learning and forwarding, and policy.");
        deviceId("port", "Every local port.");
    }

    private static final Key<ScheduleConfig, DeviceIdsConfig> IDS = SCHEDULE.section(
            "deviceIds",
            DEVICE_IDS,
            ScheduleConfig::deviceIds,
            "The ids of the kinds of devices, all different: what is hashed together with the flow. Ids of neighbours"
                    + " that differ by 2 put them on different workers for nearly all flows when there are two workers,"
                    + " ids that differ by 1 for half of them.");

    private static void deviceId(String kind, String meaning) {
        int usual = Objects.requireNonNull(Schedule.Pipelined.DEFAULT_DEVICE_IDS.get(kind), kind);
        DEVICE_KINDS.add(DEVICE_IDS.defaulted(kind, Scalars.integer(0, 65_535), usual, ids -> ids.of(kind), meaning));
    }

    /** The keys of {@code fastpath}. */
    public static final Table<FastpathConfig> FASTPATH =
            new Table<>("fastpath", WorkerKeys::createFastpath).takesRestart("capacity", "kernel", "helper");

    private static final Key<FastpathConfig, Boolean> ENABLED = FASTPATH.defaulted(
            "enabled",
            Scalars.flag(),
            true,
            FastpathConfig::enabled,
            "Whether the packets of known flows take the fast path, see [fastpath.md](fastpath.md). `flow on` and `flow off` change it at run time.");
    private static final Key<FastpathConfig, Integer> CAPACITY = FASTPATH.defaulted(
            "capacity",
            Scalars.integer(64, 1 << 24),
            65536,
            FastpathConfig::capacity,
            "The most flows that each worker remembers, rounded up to a power of two; 200 bytes each.");
    private static final Key<FastpathConfig, Integer> SHADOW = FASTPATH.defaulted(
            "shadow",
            Scalars.integer(0, 1_000_000),
            0,
            FastpathConfig::shadow,
            "With n, one of n hits also takes the slow path and is compared with it; 0 is none.");
    private static final Key<FastpathConfig, FastpathConfig.Kernel> KERNEL = FASTPATH.defaulted(
            "kernel",
            Scalars.choice(FastpathConfig.Kernel.class),
            FastpathConfig.Kernel.OFF,
            FastpathConfig::kernel,
            "Whether known flows to and from ports of type `veth` pass in the kernel, without a visit to the gateway."
                    + " `auto`: where all that it needs is there; `on`: likewise, but where it can never be had the gateway does not"
                    + " start; `off`: no flow does. `status` says whether it is on, and why not; see [fastpath.md](fastpath.md).");

    private static final Key<FastpathConfig, FastpathConfig.HelperMode> HELPER = FASTPATH.defaulted(
            "helper",
            Scalars.choice(FastpathConfig.HelperMode.class),
            FastpathConfig.HelperMode.AUTO,
            FastpathConfig::helper,
            "Whether a VXLAN device of the kernel has the tunnel's port, so that packets are merged in the tunnel. `auto`: with"
                    + " `kernel`, where it can be had; `off`: it is not. See [fastpath.md](fastpath.md).");

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
        Map<String, Integer> byKind = new LinkedHashMap<>();
        for (Key<DeviceIdsConfig, Integer> kind : DEVICE_KINDS) byKind.put(kind.name(), values.get(kind));
        return new DeviceIdsConfig(byKind);
    }

    private static FastpathConfig createFastpath(Values values) {
        return new FastpathConfig(
                values.get(ENABLED), values.get(CAPACITY), values.get(SHADOW), values.get(KERNEL), values.get(HELPER));
    }
}
