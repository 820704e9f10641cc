package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.chain.FlowOrder;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.bench.experiment.Case;
import dev.peregrine.bench.experiment.Experiment;
import dev.peregrine.bench.experiment.Metric;
import dev.peregrine.bench.experiment.Plan;
import dev.peregrine.bench.experiment.Results;
import dev.peregrine.bench.report.Check;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tenants with the same addresses, ports and MACs, and forged outer headers: do packets reach another tenant? */
public final class Isolation extends Experiment {
    private static final int FLOWS = 64;
    private static final int VNI_INDEX = 4;
    private static final int UNKNOWN_VNI = 0xabcdef;
    private static final int NO_VTEP = -1;
    private static final String ENDPOINT = "endpoint:port";
    private static final String OURS = "whole key";
    private static final String WEAK = "ECON's key";
    private static final String MISDELIVERED = "misdelivered";
    private static final String SHARE = "share";
    private static final String DELIVERED = "delivered";

    /** The change to every other packet on its way in; the others stay as they are. */
    private record Point(String name, Consumer<Packet> forge) {}

    private static final List<Point> POINTS = List.of(
            new Point("another tenant's VNI", packet -> vni(packet, Devices.FIRST_VNI + 1)),
            new Point("a VNI that nobody has", packet -> vni(packet, UNKNOWN_VNI)),
            new Point("a sender that is no VTEP", packet -> packet.inPort(NO_VTEP)));

    private static void vni(Packet packet, int vni) {
        packet.setInt(VNI_INDEX, vni << Byte.SIZE);
    }

    /** The whole key, and ECON's. */
    public Isolation() {
        super(
                "E13",
                "isolation: equal five-tuples and MACs in two VNIs, forged outer headers",
                "econ",
                new Metric(MISDELIVERED, "Misdelivered packets", "1/s"),
                new Metric(SHARE, "Of the forged or other tenant's packets, misdelivered", "%"),
                new Metric(DELIVERED, "Delivered packets", "Mpps"));
    }

    @Override
    public List<Case> cases(Plan plan) {
        int cpu = plan.cpus().getLast();
        List<Case> cases = new ArrayList<>();
        for (Point point : POINTS) {
            cases.add(new Case(point.name, OURS, seconds -> {
                Observer observer = new Observer(point, null);
                return measure(setup(cpu, observer).flowCache(Paths.CAPACITY), observer, seconds);
            }));
            cases.add(new Case(point.name, WEAK, seconds -> {
                WeakCache cache = new WeakCache();
                Observer observer = new Observer(point, cache);
                return measure(setup(cpu, observer).topology(cache::inFrontOf), observer, seconds);
            }));
        }
        return cases;
    }

    private static Setup setup(int cpu, Observer observer) {
        return new Setup(cpu, Traffic.of(FLOWS, Paths.SMALL))
                .devices(new Devices(2))
                .order(flows -> twiceEach())
                .instruments(observer);
    }

    private static FlowOrder twiceEach() {
        return new FlowOrder() {
            private int next;

            @Override
            public int next() {
                return next++ / 2 % FLOWS;
            }
        };
    }

    private static Map<String, Double> measure(Setup setup, Observer observer, double seconds)
            throws InterruptedException {
        try (Chain chain = new Chain(setup)) {
            chain.measure(0);
            long before = observer.misdelivered.value();
            Chain.Interval interval = chain.next(seconds);
            long misdelivered = observer.misdelivered.value() - before;
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put(MISDELIVERED, misdelivered / interval.seconds());
            metrics.put(SHARE, 100.0 * misdelivered / Math.max(1, interval.sent() / 2));
            metrics.put(DELIVERED, interval.mpps());
            return metrics;
        }
    }

    /** Forges every other packet that comes in, and looks at the headers of those that are delivered. */
    private static final class Observer implements Instruments {
        private final Point point;
        private final @Nullable WeakCache weak;
        private final Counter misdelivered = new Counter();
        private boolean other;

        Observer(Point point, @Nullable WeakCache weak) {
            this.point = point;
            this.weak = weak;
        }

        @Override
        public Source source(String name, Source source) {
            return new Source() {
                @Override
                public int poll(Batch batch) {
                    int before = batch.size();
                    int polled = source.poll(batch);
                    for (int i = before; i < batch.size(); i++) {
                        if (other) {
                            point.forge.accept(batch.packet(i));
                        }
                        other = !other;
                    }
                    return polled;
                }

                @Override
                public boolean isReady() {
                    return source.isReady();
                }
            };
        }

        @Override
        public Sink sink(String name, Sink sink) {
            int port = name.startsWith(ENDPOINT) ? Integer.parseInt(name.substring(ENDPOINT.length())) : -1;
            if (port < 0) {
                return sink;
            }
            return batch -> {
                for (int i = 0; i < batch.size(); i++) {
                    Packet packet = batch.packet(i);
                    misdelivered.add(belongs(packet, port) ? 0 : 1);
                    if (weak != null) {
                        weak.learn(packet, port);
                    }
                }
                sink.accept(batch);
            };
        }

        /** Whether the removed header, which is still in front of the frame, names the VNI of the port. */
        private static boolean belongs(Packet packet, int port) {
            return packet.inPort() != NO_VTEP && packet.getInt(VNI_INDEX - 8) >>> Byte.SIZE == Devices.FIRST_VNI + port;
        }
    }

    @Override
    public List<Check> checks(Results results) {
        List<Check> checks = new ArrayList<>();
        for (Point point : POINTS) {
            results.values(point.name, OURS, MISDELIVERED).stream()
                    .max(Double::compare)
                    .ifPresent(
                            most -> checks.add(Check.atMost(point.name + ": misdelivered, any round", most, "1/s", 0)));
            results.median(point.name, WEAK, MISDELIVERED)
                    .ifPresent(some ->
                            checks.add(Check.atLeast(point.name + ": misdelivered by ECON's key", some, "1/s", 1)));
        }
        return checks;
    }
}
