package dev.peregrine.bench.falcon;

import dev.peregrine.bench.chain.Pace;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.chain.Weights;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.falcon.model.Measures;
import dev.peregrine.bench.falcon.model.Mode;
import java.util.ArrayList;
import java.util.List;

/** E8: figure 19 of the paper. */
public final class Overhead extends FalconExperiment {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);

    /** One flow at rates that everybody can carry. */
    public Overhead() {
        super(
                "E8",
                "CPU time and hand-offs at a fixed rate (Falcon, figure 19)",
                """
                FALCON (EuroSys'21), figure 19, 16 B UDP, CPU time as a multiple of Host's at 100/200/300/400/500 thousand
                packets/s, read off the plot: Con 1.53/1.36/1.41/1.67/1.61, Falcon 1.06/1.22/1.52/1.55/1.75; at most 10% more
                than Con. NET_RX softirqs +44.6%.""",
                """
                CPU time of the workers' threads, the kernel's part of sleeping and waking included. Workers sleep when they
                have nothing to do, as the gateway's do: until the next packet is due, or until another worker hands them
                some. Kernel shares of E1. A thread that sleeps for microseconds oversleeps, and finds a batch: that is why
                the cost of a packet falls with the rate. In the kernel Con raises a softirq for each device, too, and at a low
                rate Falcon does nothing more but on other cores; here everything on one worker is a plain call or a local
                queue, and only a hand-off wakes somebody up, by a system call. So at low rates pipelining is dearer, not
                cheaper, and the difference shrinks as batches grow with the rate.""",
                new Metric("cpu", "CPU time for a packet", "ns"),
                KPPS,
                new Metric("handOffs", "Packets handed over", "thousand/s"),
                new Metric("wakeUps", "Workers woken up by others", "thousand/s"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        List<Integer> cpus = cpus(plan);
        Weights weights = Weights.shares(1900, 36, 31, 20);
        List<Case> cases = new ArrayList<>();
        for (int thousands : plan.quick() ? List.of(100, 300) : List.of(50, 100, 200, 300, 400)) {
            for (Mode mode :
                    List.of(Mode.HOST, Mode.QUEUED, Mode.RUN_TO_COMPLETION, Mode.PIPELINED, Mode.TWO_CHOICES)) {
                cases.add(new Case(
                        thousands + ",000/s",
                        mode.title(),
                        seconds -> Measures.throughput(
                                mode.applyTo(
                                        new Setup(cpus.getFirst(), TRAFFIC)
                                                .cpus(cpus)
                                                .instruments(weights)
                                                .sleeping()
                                                .pace(flows -> Pace.perSecond(thousands * 1e3, System.nanoTime())),
                                        TRAFFIC,
                                        cpus.size()),
                                1,
                                seconds)));
            }
        }
        return cases;
    }
}
