package dev.peregrine.bench.falcon.model;

import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.dataplane.schedule.Schedule.Balance;
import dev.peregrine.dataplane.schedule.Schedule.Pipelined;
import dev.peregrine.dataplane.schedule.Schedule.Queued;
import dev.peregrine.dataplane.schedule.Schedule.RunToCompletion;
import dev.peregrine.overlay.Wiring;
import java.util.List;
import java.util.Map;

/** The ways to run devices that experiments compare. */
public enum Mode {
    /** No overlay: the coalescer, then the port. */
    HOST("host"),
    /** The kernel's overlay ("Con" in the papers): a queue before each device, all on the worker that received. */
    QUEUED("queued"),
    /** Plain calls. */
    RUN_TO_COMPLETION("run-to-completion"),
    /** Plain calls, and a flow cache in front of them. */
    FLOW_CACHE("flow cache"),
    /** Falcon with one hash, always on. */
    PIPELINED("pipelined static"),
    /** The same, the receiving device split. */
    SPLIT("pipelined static split"),
    /** Falcon with its second choice and its global switch, at 80%. */
    TWO_CHOICES("pipelined two-choices"),
    /** The same without the switch. */
    ALWAYS_ON("pipelined always on");

    /** More than a load can be: Falcon is never switched off, no worker ever busy. */
    public static final int NEVER_BUSY = 100;

    private static final int FLOWS = 65_536;

    private final String title;

    Mode(String title) {
        this.title = title;
    }

    /** As readers see it. */
    public String title() {
        return title;
    }

    /** Has the devices run this way; pipelined with the paper's neighbouring ids two apart. */
    public Setup applyTo(Setup setup) {
        return applyTo(setup, Pipelined.DEFAULT_DEVICE_IDS);
    }

    /** Has the devices run this way, with ids that spread those of the first flow over {@code workers} workers. */
    public Setup applyTo(Setup setup, Traffic traffic, int workers) {
        return applyTo(setup, this == SPLIT ? Placement.split(traffic, workers) : Placement.spread(traffic, workers));
    }

    /** Has the devices run this way, with ids of one's own. */
    Setup applyTo(Setup setup, Map<String, Integer> ids) {
        return switch (this) {
            case HOST -> setup.entrance(Wiring.PORT.at("port0", "out"));
            case QUEUED -> setup.schedule(new Queued(Queued.DEFAULT_CAPACITY));
            case RUN_TO_COMPLETION -> setup.schedule(new RunToCompletion());
            case FLOW_CACHE -> setup.schedule(new RunToCompletion()).flowCache(FLOWS);
            case PIPELINED -> setup.schedule(falcon(Balance.STATIC, NEVER_BUSY, ids));
            case SPLIT -> setup.schedule(falcon(Balance.STATIC, NEVER_BUSY, ids).split(true));
            case TWO_CHOICES -> setup.schedule(falcon(Balance.TWO_CHOICES, Pipelined.DEFAULT_LOAD_THRESHOLD, ids));
            case ALWAYS_ON -> setup.schedule(falcon(Balance.TWO_CHOICES, NEVER_BUSY, ids));
        };
    }

    /** Falcon on all workers, in order. */
    public static Pipelined falcon(Balance balance, int loadThreshold, Map<String, Integer> ids) {
        return new Pipelined(balance, loadThreshold, false, true, List.of(), ids);
    }
}
