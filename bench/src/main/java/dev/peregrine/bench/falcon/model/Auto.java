package dev.peregrine.bench.falcon.model;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.dataplane.schedule.ScheduleChooser;
import dev.peregrine.dataplane.schedule.ScheduleChooser.Choice;
import dev.peregrine.dataplane.schedule.ScheduleChooser.Measured;
import dev.peregrine.dataplane.stage.Instruments;
import java.util.List;
import java.util.Map;

/**
 * The verdict of the gateway's chooser on a chain: it gets loads, rates and device times of one schedule after another
 * until it has had time to try one and to revert. Then its choice is measured.
 */
public final class Auto {
    private static final int LOAD_THRESHOLD = 80;

    /** Three to confirm, three to settle, and some to stay. */
    private static final int EVALUATIONS = 8;

    private static final double EVALUATION_SECONDS = 0.1;

    private final List<Integer> cpus;
    private final Traffic traffic;
    private final Instruments instruments;
    private volatile String reason = "";

    /** Measures on these CPUs, one worker each, with this traffic. */
    public Auto(List<Integer> cpus, Traffic traffic, Instruments instruments) {
        this.cpus = cpus;
        this.traffic = traffic;
        this.instruments = instruments;
    }

    /** The last choice, and why; empty before the first measurement. */
    public String reason() {
        return reason;
    }

    /** Lets {@code auto} choose, and measures its choice for a number of seconds. */
    public Map<String, Double> measure(double seconds) throws InterruptedException {
        Setup alone = new Setup(cpus.getFirst(), traffic);
        DeviceTimes times = DeviceTimes.measure(alone, instruments, EVALUATION_SECONDS);
        ScheduleChooser chooser = new ScheduleChooser(LOAD_THRESHOLD);
        for (int i = 0; i < EVALUATIONS; i++) {
            try (Chain chain = new Chain(setup(chooser.choice()))) {
                chooser.evaluate(measured(times, chain.measure(EVALUATION_SECONDS)));
            }
        }
        reason = mode(chooser.choice()).title() + ", because " + chooser.reason();
        return Measures.throughput(setup(chooser.choice()), traffic.datagrams(), seconds);
    }

    private Setup setup(Choice choice) {
        Setup setup = new Setup(cpus.getFirst(), traffic).cpus(cpus).instruments(instruments);
        return mode(choice).applyTo(setup, traffic, cpus.size());
    }

    private static Mode mode(Choice choice) {
        return switch (choice) {
            case RUN_TO_COMPLETION -> Mode.RUN_TO_COMPLETION;
            case PIPELINED -> Mode.PIPELINED;
            case SPLIT -> Mode.SPLIT;
        };
    }

    private Measured measured(DeviceTimes times, Chain.Interval interval) {
        List<Integer> loads = interval.busyNanos().stream()
                .map(nanos -> (int) Math.min(100, nanos / interval.seconds() / 1e7))
                .toList();
        return new Measured(
                cpus.size(),
                loads.stream().mapToInt(Integer::intValue).max().orElse(0),
                (int) loads.stream().mapToInt(Integer::intValue).average().orElse(0),
                interval.delivered() / interval.seconds(),
                times.receive(),
                times.nanos("underlay"),
                DeviceTimes.DEVICES.stream().skip(1).mapToDouble(times::nanos).toArray());
    }
}
