package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.overlay.Wiring;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** The shape and the traffic of a {@link Chain}; each chain needs a new one. */
public final class Setup {
    /** Enough to keep a worker busy, few enough to stay in its cache. */
    static final int BUFFERS = 512;

    private static final int DEFAULT_SAMPLE_MILLIS = 10;

    final Traffic traffic;
    Devices devices = new Devices(1);
    List<Integer> cpus;
    Schedule schedule = new Schedule.RunToCompletion();
    int flows;
    UnaryOperator<Topology> topology = UnaryOperator.identity();
    IntFunction<FlowOrder> order;
    IntFunction<Pace> pace = flows -> Pace.UNLIMITED;
    Instruments instruments = Instruments.NONE;
    int receivers = 1;
    int sampleMillis = DEFAULT_SAMPLE_MILLIS;
    boolean sleeps;
    boolean watchesOrder;
    boolean takesTimes;
    boolean prepared;

    /** One worker that carries as much traffic as it can, by plain calls. */
    public Setup(int cpu, Traffic traffic) {
        this.traffic = traffic;
        cpus = List.of(cpu);
        order = FlowOrder::inTurn;
    }

    /** Sets the devices, which workers share. */
    public Setup devices(Devices other) {
        devices = other;
        return this;
    }

    /** Sets the CPUs that workers are pinned to: one for each. */
    public Setup cpus(List<Integer> all) {
        cpus = List.copyOf(all);
        return this;
    }

    /**
     * Sets how many of the workers receive, the first ones: flow f comes in at worker f mod {@code count}, as a network
     * card that hashes would have it. The pace and the order are each one's own.
     */
    public Setup receivers(int count) {
        receivers = count;
        return this;
    }

    /** Has workers without work sleep, as the gateway's do, instead of asking again and again. */
    public Setup sleeping() {
        sleeps = true;
        return this;
    }

    /** Sets the stage behind the coalescer, in place of where the graph begins. */
    public Setup entrance(Topology.Address address) {
        return topology(graph -> graph.redirect(Wiring.COALESCE, address));
    }

    /** Sets how devices are joined. */
    public Setup schedule(Schedule other) {
        schedule = other;
        return this;
    }

    /** Gives each worker a flow cache of {@code capacity} flows; 0 for none. */
    public Setup flowCache(int capacity) {
        flows = capacity;
        return this;
    }

    /** Sets the change of the devices' own graph. */
    public Setup topology(UnaryOperator<Topology> change) {
        topology = change;
        return this;
    }

    /** Sets the function that makes each source's order of flows from the number of its flows. */
    public Setup order(IntFunction<FlowOrder> each) {
        order = each;
        return this;
    }

    /** Sets the function that makes each source's pace from the number of its flows. */
    public Setup pace(IntFunction<Pace> each) {
        pace = each;
        return this;
    }

    /** Sets the instruments around the parts. */
    public Setup instruments(Instruments all) {
        instruments = all;
        return this;
    }

    /** Makes destinations check the order of each flow, which costs an atomic operation for each packet. */
    public Setup watchingOrder() {
        watchesOrder = true;
        return this;
    }

    /** Has destinations take times; the pace must have a limit, or there is nothing to be late for. */
    public Setup takingTimes() {
        takesTimes = true;
        return this;
    }

    /**
     * Has sources cost as little as may be: see {@link PreparedDatagrams}. Destinations can watch and time nothing
     * then.
     */
    public Setup prepared() {
        prepared = true;
        return this;
    }
}
