package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.offload.Coalescer;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.schedule.Crew;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.fastpath.FlowCounters;
import dev.peregrine.gateway.Wiring;
import dev.peregrine.load.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A gateway in memory that runs from when it is made until it is closed.
 *
 * <pre>
 *   MemorySource ─► Coalescer ─► vtep.decap ─► bridge.learn ─► bridge.forward ─► port.out ─► MemoryDestination
 * </pre>
 */
public final class Chain implements AutoCloseable {
    private static final double RAMP_SECONDS = 0.1;

    private final MemoryDestination.Witness witness;
    private final List<Lane> lanes = new ArrayList<>();
    private final Crew crew;
    private final Ticker loads;
    private final List<FastPath> fastPaths = new ArrayList<>();
    private final List<WorkerThread> threads = new ArrayList<>();

    /** Assembles the workers and starts them. */
    public Chain(Setup setup) {
        witness = new MemoryDestination.Witness(setup.watchesOrder ? setup.traffic.flows() : 0, setup.takesTimes);
        if (setup.flows > 0) {
            SplittableRandom random = new SplittableRandom();
            for (int id = 0; id < setup.cpus.size(); id++) {
                long[] seeds = random.longs(8).toArray();
                fastPaths.add(new FastPath(
                        setup.flows, seeds, setup.devices.epoch(), new FastPathSwitch(true, 0), mismatch -> {}));
            }
        }
        for (int id = 0; id < setup.cpus.size(); id++) {
            lanes.add(new Lane(id, setup, witness, setup.flows > 0 ? fastPaths.get(id) : null));
        }
        crew = new Crew(lanes.stream().map(Lane::worker).toList(), Crew.DEFAULT_LINK_CAPACITY);
        crew.schedule(setup.schedule);
        Topology topology = topology(setup);
        for (Lane lane : lanes) {
            lane.assemble(crew, topology);
            if (setup.flows > 0) {
                fastPaths
                        .get(lane.worker().id())
                        .join(lane.graph(), port -> Wiring.lastStage(setup.devices.ports(), port));
            }
        }
        for (Lane lane : lanes) {
            threads.add(new WorkerThread(
                    lane.worker(), setup.cpus.get(lane.worker().id()), setup.sleeps ? lane::nanosUntilDue : () -> 0));
        }
        threads.forEach(WorkerThread::start);
        loads = Ticker.start(setup.sampleMillis / 1e3, (start, end) -> sampleLoads());
    }

    private void sampleLoads() {
        crew.sample(
                System.nanoTime(),
                threads.stream().mapToLong(WorkerThread::busyNanos).toArray());
    }

    private Topology topology(Setup setup) {
        Instruments instruments = setup.instruments;
        Topology devices = setup.flows > 0
                ? setup.devices.topology((scope, next) -> next, fastPaths::get)
                : setup.devices.topology((scope, next) -> next);
        Topology plain = setup.topology.apply(devices);
        Topology topology = new Topology()
                .stack("policy", "bridge")
                .everywhere("flow")
                .receiver(
                        "underlay",
                        "coalesce",
                        (scope, next) -> instruments.sink(
                                Instruments.COALESCE,
                                coalescer(setup, scope, instruments.sink(Instruments.COALESCED, next))),
                        setup.entrance.isEmpty() ? Wiring.chain(plain) : setup.entrance);
        for (StageSpec spec : plain.stages()) {
            Function<WorkerScope, Stage> factory =
                    scope -> instruments.stage(spec.address(), spec.factory().apply(scope));
            if (spec.replication() == null) {
                topology.stage(spec.device(), spec.name(), factory, spec.exits().toArray(String[]::new));
            } else {
                topology.floodingStage(spec.device(), spec.name(), factory, spec.replication(), spec.exits());
            }
        }
        return topology;
    }

    private static Coalescer coalescer(Setup setup, WorkerScope scope, Sink next) {
        return new Coalescer(setup.devices.vtep()::segments, true, false, scope.drops(), new Counters(), next);
    }

    /**
     * The counts of an interval.
     *
     * @param delivered datagrams that arrived
     * @param sent datagrams that sources gave
     * @param lost datagrams that found a source's ring full
     * @param dropped datagrams that the gateway dropped
     * @param reordered packets that came after a later one of their flow
     * @param busyNanos of each worker, in turns that had something to do
     * @param cpuNanos of each worker's thread
     * @param handOffs packets given to another worker
     * @param wakeUps of workers that slept, by others
     * @param allocatedBytes on the heap by all workers
     */
    public record Interval(
            double seconds,
            long delivered,
            long sent,
            long lost,
            long dropped,
            long reordered,
            List<Long> busyNanos,
            List<Long> cpuNanos,
            long handOffs,
            long wakeUps,
            long allocatedBytes) {
        /** Millions of datagrams delivered per second. */
        public double mpps() {
            return delivered / seconds / 1e6;
        }

        /** Nanoseconds of all workers' busy time for a delivered datagram. */
        public double busyNanosPerPacket() {
            return busyNanos.stream().mapToLong(Long::longValue).sum() / (double) Math.max(1, delivered);
        }

        /** Nanoseconds of CPU time of all workers' threads for a delivered datagram. */
        public double cpuNanosPerPacket() {
            return cpuNanos.stream().mapToLong(Long::longValue).sum() / (double) Math.max(1, delivered);
        }

        /** Bytes allocated on the heap for a delivered datagram. */
        public double allocatedPerPacket() {
            return allocatedBytes / (double) Math.max(1, delivered);
        }

        private Interval since(Interval before) {
            return new Interval(
                    seconds - before.seconds,
                    delivered - before.delivered,
                    sent - before.sent,
                    lost - before.lost,
                    dropped - before.dropped,
                    reordered - before.reordered,
                    difference(busyNanos, before.busyNanos),
                    difference(cpuNanos, before.cpuNanos),
                    handOffs - before.handOffs,
                    wakeUps - before.wakeUps,
                    allocatedBytes - before.allocatedBytes);
        }

        private static List<Long> difference(List<Long> now, List<Long> before) {
            List<Long> difference = new ArrayList<>();
            for (int i = 0; i < now.size(); i++) {
                difference.add(now.get(i) - before.get(i));
            }
            return difference;
        }
    }

    /**
     * Lets it run for a moment, and then for {@code seconds} that count.
     *
     * @throws IllegalStateException if a worker has failed
     */
    public Interval measure(double seconds) throws InterruptedException {
        sleep(RAMP_SECONDS);
        return next(seconds);
    }

    /** The counts of the next seconds. */
    public Interval next(double seconds) throws InterruptedException {
        witness.forgetLatency();
        Interval before = soFar();
        sleep(seconds);
        Interval interval = soFar().since(before);
        threads.forEach(WorkerThread::check);
        return interval;
    }

    private static void sleep(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }

    /** Everything since the beginning. */
    private Interval soFar() {
        return new Interval(
                System.nanoTime() / 1e9,
                lanes.stream().mapToLong(Lane::delivered).sum(),
                lanes.stream().mapToLong(Lane::sent).sum(),
                lanes.stream().mapToLong(Lane::lost).sum(),
                lanes.stream().map(Lane::drops).mapToLong(DropCounters::total).sum(),
                witness.reordered(),
                threads.stream().map(WorkerThread::busyNanos).toList(),
                threads.stream().map(WorkerThread::cpuNanos).toList(),
                lanes.stream()
                        .mapToLong(lane -> crew.handOffs(lane.worker().id()))
                        .sum(),
                threads.stream().mapToLong(WorkerThread::wakeUps).sum(),
                threads.stream().mapToLong(WorkerThread::allocatedBytes).sum());
    }

    /** The workers, for threads that wait until they have passed the boundary of a batch. */
    public List<Worker> workers() {
        return lanes.stream().map(Lane::worker).toList();
    }

    /** The counts of a worker's stage with an address; any thread may ask. */
    public Counters counters(int worker, String address) {
        return lanes.get(worker).graph().node(address).counters();
    }

    /** The counts of the flow cache of a worker, where it has one. */
    public FlowCounters flows(int worker) {
        return fastPaths.get(worker).counters();
    }

    /** The drop counters of a worker. */
    public DropCounters drops(int worker) {
        return lanes.get(worker).drops();
    }

    /** Ends the workers; their counts stay. Returns all latencies since the last interval began, if taken. */
    public @Nullable Histogram stop() {
        end();
        @Nullable Histogram all = null;
        for (Lane lane : lanes) {
            for (MemoryDestination destination : lane.destinations()) {
                all = sum(all, destination.latency());
            }
        }
        return all;
    }

    private static @Nullable Histogram sum(@Nullable Histogram some, @Nullable Histogram more) {
        if (some == null || more == null) {
            return some == null ? more : some;
        }
        Histogram sum = some.copy();
        sum.add(more);
        return sum;
    }

    /** Ends the workers and frees their memory. */
    @Override
    public void close() {
        end();
        fastPaths.forEach(FastPath::close);
        lanes.forEach(Lane::close);
    }

    private void end() {
        loads.close();
        threads.forEach(WorkerThread::close);
    }
}
