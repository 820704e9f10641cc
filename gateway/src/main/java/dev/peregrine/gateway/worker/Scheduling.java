package dev.peregrine.gateway.worker;

import dev.peregrine.dataplane.schedule.GracePeriod;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.schedule.Schedule.Mode;
import dev.peregrine.dataplane.schedule.ScheduleChooser;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.overlay.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schedule that the lanes follow, and the graph that they have: sampled for, chosen and changed while traffic
 * flows. Belongs to the control thread.
 *
 * <p>A change takes packets from nobody. A lane gets another graph between two batches, and the others go on meanwhile.
 * For another schedule all lanes stop receiving, what came in settles, the graphs are joined again, and lanes go on;
 * meanwhile datagrams wait in the kernel's queues.
 */
public final class Scheduling {
    private static final Logger log = LoggerFactory.getLogger(Scheduling.class);
    private static final long EVALUATION_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private ScheduleConfig config;
    private final List<EventLoopLane> lanes;
    private final WorkerGroup group;
    private final long[] busyNanos;
    private ScheduleChooser chooser;
    private final Costs costs;
    private final Pauses pauses = new Pauses();
    private Layout layout;
    private IntFunction<? extends Instruments> instruments = worker -> Instruments.NONE;
    private int hops;
    private Mode mode;
    private ScheduleConfig running;
    private long evaluatedNanos = System.nanoTime();
    private boolean quietSince;
    private long changes;

    /**
     * The schedule in force, and why.
     *
     * @param pauses times that a worker stood still while its graph was joined again
     * @param pauseNanos of 99 of 100 of the latest at most
     * @param longestPauseNanos of all
     */
    public record State(
            Mode mode,
            Schedule schedule,
            String reason,
            long changes,
            long pauses,
            long pauseNanos,
            long longestPauseNanos) {}

    /** Assembles the lanes by {@code layout}. */
    public Scheduling(ScheduleConfig config, List<EventLoopLane> lanes, Layout layout) {
        this.config = config;
        this.lanes = lanes;
        this.layout = layout;
        hops = layout.chain().hops();
        group = new WorkerGroup(lanes.stream().map(EventLoopLane::worker).toList(), WorkerGroup.DEFAULT_LINK_CAPACITY);
        busyNanos = new long[lanes.size()];
        chooser = new ScheduleChooser(config.loadThreshold());
        costs = new Costs(lanes);
        mode = config.mode();
        running = config;
        group.schedule(config.first());
        prepare();
        lanes.forEach(EventLoopLane::take);
        if (mode == Mode.PIPELINED && lanes.size() == 1) {
            log.warn("schedule.mode is pipelined, but there is one worker: nothing runs elsewhere");
        }
    }

    /** The workers with the links between them. */
    public WorkerGroup group() {
        return group;
    }

    /** The schedule as it is now, and why. */
    public State state() {
        String reason = mode == Mode.AUTO ? chooser.reason() : "set so";
        return new State(
                mode, group.schedule(), reason, changes, pauses.count(), pauses.percentile99(), pauses.longest());
    }

    /**
     * Samples the loads, and with {@code auto} now and then chooses; called every {@code sampleMillis}, or less often
     * while it answers that nothing happens: no load, and none since the last time.
     */
    public boolean sample(long nowNanos) {
        boolean isQuiet = true;
        for (EventLoopLane lane : lanes) {
            long busy = lane.loop().busyNanos();
            isQuiet &= busy == busyNanos[lane.id()] && group.loads().percent(lane.id()) == 0;
            busyNanos[lane.id()] = busy;
        }
        group.sample(nowNanos, busyNanos);
        quietSince &= isQuiet;
        if (nowNanos - evaluatedNanos >= EVALUATION_NANOS) {
            evaluate(nowNanos);
            quietSince = true;
        }
        return isQuiet;
    }

    /** Without load there is nothing to measure, and where the schedule is the simplest one, none to choose. */
    private void evaluate(long nowNanos) {
        if (quietSince && group.schedule() instanceof Schedule.RunToCompletion) {
            evaluatedNanos = nowNanos;
            return;
        }
        ScheduleChooser.Measured measured = costs.measure(group, layout.chain(), nowNanos - evaluatedNanos);
        evaluatedNanos = nowNanos;
        if (mode != Mode.AUTO) {
            return;
        }
        Schedule wanted = switch (chooser.evaluate(measured)) {
            case RUN_TO_COMPLETION -> new Schedule.RunToCompletion();
            case PIPELINED -> config.pipelined().split(false);
            case SPLIT -> config.pipelined().split(true);
        };
        if (!wanted.equals(group.schedule())) {
            try {
                change(wanted);
                log.info("schedule {}: {}", wanted, chooser.reason());
            } catch (IOException e) {
                log.warn("the schedule stays {}: {}", group.schedule(), e.getMessage());
            }
        }
    }

    /** Sets another mode; a balance or a split that differs from the configuration's is in {@code other}. */
    public void set(ScheduleConfig other) throws IOException {
        Schedule wanted = other.mode() == Mode.AUTO ? group.schedule() : other.first();
        if (!wanted.equals(group.schedule())) {
            change(wanted);
        }
        mode = other.mode();
        running = other;
        log.info("schedule {}, as commanded", group.schedule());
    }

    /** Follows another configuration. */
    public void configure(ScheduleConfig other) throws IOException {
        set(other);
        config = other;
        chooser = new ScheduleChooser(other.loadThreshold());
    }

    /** The last value that was set or configured. */
    public ScheduleConfig running() {
        return running;
    }

    /** Changes the schedule of all lanes or, if that fails, of none that answers. */
    private void change(Schedule next) throws IOException {
        Schedule before = group.schedule();
        atRest(() -> {
            group.schedule(next);
            try {
                prepare();
                take();
            } catch (IOException | IllegalStateException failure) {
                group.schedule(before);
                prepare();
                takeAgain(failure);
                throw failure;
            }
        });
        changes++;
    }

    private void takeAgain(Exception failure) {
        for (EventLoopLane lane : lanes) {
            try {
                take(lane);
            } catch (IOException | IllegalStateException e) {
                failure.addSuppressed(e); // it takes what was prepared last, if it ever goes on
            }
        }
    }

    /**
     * Puts other instruments around the parts of the running graph: the stages, terminals and sources of every lane. No
     * packet is lost or reordered, and counts go on. {@link Instruments#NONE} takes them away.
     *
     * @param next the instruments of each worker, by its number
     * @throws IOException when a worker does not answer; then some lanes may have them and others not
     */
    public void rebuild(IntFunction<? extends Instruments> next) throws IOException {
        instruments = next;
        prepare();
        if (group.schedule() instanceof Schedule.RunToCompletion) {
            takeWhileOthersGoOn();
        } else {
            atRest(this::take); // no packet meets them on a part of its way only
        }
    }

    /**
     * Gives the lanes another graph, one after the other. Ports that there were stay as they are. Nothing may lead to
     * ports that are new or no more; packets of those that are no more have settled, and their slots are empty.
     *
     * @throws IOException when a worker does not answer; then some lanes may have it and others not
     */
    public void rebuild(Layout next) throws IOException {
        next.graph().numberAs(layout.graph());
        layout = next;
        hops = next.chain().hops();
        prepare();
        takeWhileOthersGoOn();
    }

    private void takeWhileOthersGoOn() throws IOException {
        try {
            take().forEach(pauses::add);
        } catch (IllegalStateException e) {
            throw new IOException("a worker does not answer: " + e.getMessage(), e);
        }
    }

    /** A change of all graphs. */
    private interface Change {
        void make() throws IOException;
    }

    private void atRest(Change change) throws IOException {
        long begin = System.nanoTime();
        try {
            for (EventLoopLane lane : lanes) {
                lane.pause(true);
            }
            awaitDrained();
            change.make();
        } catch (IllegalStateException e) {
            throw new IOException("a worker does not answer: " + e.getMessage(), e);
        } finally {
            resume();
            pauses.add(System.nanoTime() - begin);
        }
    }

    /** Prepares the graphs of all lanes, which go on with those that they have. */
    private void prepare() {
        for (EventLoopLane lane : lanes) {
            lane.prepare(group, layout.graph(), layout.ports(), instruments.apply(lane.id()));
        }
    }

    /** Has each lane take its graph between two batches; returns the nanoseconds that this took at each lane. */
    private List<Long> take() throws IOException {
        List<Long> nanos = new ArrayList<>();
        for (EventLoopLane lane : lanes) {
            nanos.add(take(lane));
        }
        return nanos;
    }

    private static long take(EventLoopLane lane) throws IOException {
        return lane.call(() -> {
            long begin = System.nanoTime();
            lane.take();
            return System.nanoTime() - begin;
        });
    }

    /** Returns when no packet is in flight that was decided on by what was published before. */
    public void awaitGrace() {
        GracePeriod.await(group, hops);
    }

    /** Ends receiving; what came in has settled when this returns, unless a worker is stuck. */
    public void settle() {
        try {
            for (EventLoopLane lane : lanes) {
                lane.pause(true);
            }
            awaitDrained();
        } catch (IOException | IllegalStateException e) {
            log.warn("packets in flight are lost: {}", e.getMessage());
        }
    }

    private void resume() {
        for (EventLoopLane lane : lanes) {
            try {
                lane.pause(false);
            } catch (IOException | IllegalStateException e) {
                log.error("worker {} does not go on", lane.id(), e);
            }
        }
    }

    /** Waits until no packet is between two devices. */
    private void awaitDrained() throws IOException {
        long deadline = System.nanoTime() + DRAIN_NANOS;
        while (!isDrained()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("packets in flight did not settle in time; try again");
            }
            Thread.onSpinWait();
        }
    }

    /**
     * Asks every worker between two turns; nothing was handed over meanwhile, or those asked first must be asked again.
     */
    private boolean isDrained() throws IOException {
        long before = handOffs();
        boolean drained = true;
        for (EventLoopLane lane : lanes) {
            Worker worker = lane.worker();
            BooleanSupplier asked = worker::isDrained;
            drained &= lane.call(asked::getAsBoolean);
        }
        return drained && before == handOffs();
    }

    private long handOffs() {
        long sum = 0;
        for (EventLoopLane lane : lanes) {
            sum += group.handOffs(lane.id());
        }
        return sum;
    }
}
