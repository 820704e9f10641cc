package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.fastpath.FlowCounters;
import dev.peregrine.load.Ticker;
import dev.peregrine.overlay.FastPaths;
import dev.peregrine.overlay.Lane;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.overlay.VirtualDevices;
import dev.peregrine.overlay.Wiring;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    private final List<Lane<TrafficUnderlay>> lanes = new ArrayList<>();
    private final List<MemoryDestination> destinations = new ArrayList<>();
    private final WorkerGroup group;
    private final Ticker loads;
    private final List<WorkerThread> threads = new ArrayList<>();

    /** Assembles the workers and starts them. */
    public Chain(Setup setup) {
        witness = new MemoryDestination.Witness(setup.watchesOrder ? setup.traffic.flows() : 0, setup.takesTimes);
        VirtualDevices devices = setup.devices.virtual();
        FastPaths fastPaths = setup.flows == 0 ? null : fastPaths(setup);
        LaneSpec spec = spec(setup, fastPaths);
        for (int id = 0; id < setup.cpus.size(); id++) {
            lanes.add(new Lane<>(id, spec, scope -> new TrafficUnderlay(source(setup, scope))));
        }
        group = new WorkerGroup(lanes.stream().map(Lane::worker).toList(), WorkerGroup.DEFAULT_LINK_CAPACITY);
        group.schedule(setup.schedule);
        Topology topology = setup.topology.apply(
                Wiring.topology(devices, false, worker -> lanes.get(worker).received(), fastPaths));
        for (Lane<TrafficUnderlay> lane : lanes) {
            lane.assemble(group, topology);
            devices.ports().forEach(port -> lane.slot(port).attach(destination()));
            TrafficUnderlay underlay = lane.underlay();
            threads.add(new WorkerThread(
                    lane.worker(), setup.cpus.get(lane.id()), setup.sleeps ? underlay::nanosUntilDue : () -> 0));
        }
        threads.forEach(WorkerThread::start);
        loads = Ticker.start(setup.sampleMillis / 1e3, (start, end) -> sampleLoads());
    }

    private static FastPaths fastPaths(Setup setup) {
        return new FastPaths(
                setup.cpus.size(), setup.flows, setup.devices.epoch(), new FastPathSwitch(true, 0), mismatch -> {});
    }

    private static LaneSpec spec(Setup setup, @Nullable FastPaths fastPaths) {
        return new LaneSpec(
                setup.cpus.size(),
                Setup.BUFFERS,
                Setup.BUFFERS * setup.traffic.datagrams(),
                setup.devices.virtual(),
                fastPaths,
                System::nanoTime,
                (where, fault) -> {
                    throw new AssertionError(where, fault);
                },
                setup.instruments);
    }

    /** The source of every nth flow; null for a worker that receives nothing. */
    private static @Nullable MemorySource source(Setup setup, Topology.WorkerScope scope) {
        int id = scope.worker();
        int flows = id < setup.receivers ? Math.ceilDiv(setup.traffic.flows() - id, setup.receivers) : 0;
        return flows <= 0
                ? null
                : new MemorySource(
                        scope.pool(),
                        id,
                        setup.receivers,
                        setup.devices.tunnelPort(),
                        setup.traffic,
                        setup.order.apply(flows),
                        setup.pace.apply(flows),
                        setup.prepared);
    }

    private MemoryDestination destination() {
        MemoryDestination destination = new MemoryDestination(witness);
        destinations.add(destination);
        return destination;
    }

    private void sampleLoads() {
        group.sample(
                System.nanoTime(),
                threads.stream().mapToLong(WorkerThread::busyNanos).toArray());
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
                destinations.stream().mapToLong(MemoryDestination::delivered).sum(),
                lanes.stream().mapToLong(lane -> lane.underlay().sent()).sum(),
                lanes.stream().mapToLong(lane -> lane.underlay().lost()).sum(),
                lanes.stream().map(Lane::drops).mapToLong(DropCounters::total).sum(),
                witness.reordered(),
                threads.stream().map(WorkerThread::busyNanos).toList(),
                threads.stream().map(WorkerThread::cpuNanos).toList(),
                lanes.stream().mapToLong(lane -> group.handOffs(lane.id())).sum(),
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
        return lanes.get(worker).fastPath().counters();
    }

    /** Ends the workers; their counts stay. Returns all latencies since the last interval began, if taken. */
    public @Nullable Histogram stop() {
        end();
        @Nullable Histogram all = null;
        for (MemoryDestination destination : destinations) {
            all = sum(all, destination.latency());
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
        lanes.forEach(Lane::close);
    }

    private void end() {
        loads.close();
        threads.forEach(WorkerThread::close);
    }
}
