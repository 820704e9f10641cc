package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.linux.netlink.NetlinkEvent;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.kernel.SelfTest;
import dev.peregrine.fastpath.kernel.TunnelEnd;
import dev.peregrine.fastpath.kernel.table.Outcome;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.config.model.FastpathConfig.Kernel;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.control.report.KernelTierReport;
import dev.peregrine.gateway.tier.Obstacles.Obstacle;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.TunnelSettings.EncapEcn;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's tier of the flow cache: on while nothing is in its way. It follows the underlay's interface, the ports,
 * the schedule and the settings of the cache; while somebody looks at packets (capture, trace) it is off, so that they
 * are seen. Belongs to the control thread.
 */
public final class KernelTier {
    private static final Logger log = LoggerFactory.getLogger(KernelTier.class);

    /** How often flows are taken and counts brought home. */
    private static final int TURN_MILLIS = 50;

    private static final int TURNS_OF_COUNTS = 4;
    private static final int TURNS_OF_SWEEP = 20;

    private final TierMeans means;
    private final Obstacles obstacles;
    private final Kernel wanted;
    private @Nullable String watcher;
    private @Nullable Attachment attached;
    private @Nullable String reason;
    private String cure = "";
    private @Nullable ScheduledFuture<?> turning;
    private Executor executor = Runnable::run;
    private int turns;
    private volatile KernelTierReport last;
    private long packetsBefore;

    /** Packets that programs left to the gateway which are no longer attached, by {@link Outcome#index}. */
    private final long[] leftBefore = new long[Outcome.values().length];

    /** A tier that is off until {@link #begin}. */
    public KernelTier(TierMeans means) {
        this.means = means;
        obstacles = new Obstacles(means);
        wanted = means.config().get().fastpath().kernel();
        String first = wanted == Kernel.OFF ? "fastpath.kernel is off" : "not begun";
        reason = first;
        last = new KernelTierReport(
                wanted != Kernel.OFF,
                false,
                first,
                "",
                0,
                0,
                left(),
                means.helper().name(),
                means.helper().reason());
    }

    /**
     * Begins, when workers and ports are there.
     *
     * @throws IOException when it is wanted, and can never be had here
     */
    public void begin(ScheduledExecutorService control) throws IOException {
        if (wanted == Kernel.OFF) {
            return;
        }
        Obstacle lasting = obstacles.lasting();
        if (lasting == null) {
            lasting = SelfTest.failure(end(means.config().get().underlay()))
                    .map(wrong -> new Obstacle(
                            "this kernel does not run the programs as they are meant: " + wrong,
                            "fastpath.kernel: off; please report it"))
                    .orElse(null);
        }
        if (lasting != null) {
            reason = lasting.reason();
            cure = lasting.cure();
            if (wanted == Kernel.ON) {
                throw new IOException(
                        "fastpath.kernel is on, but " + reason + "; with auto the gateway starts without");
            }
            log.info("no flow passes in the kernel: {}", reason);
            return;
        }
        executor = control;
        turning = control.scheduleWithFixedDelay(
                means.faults().contain("the tier in the kernel", this::turn), 0, TURN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Looks again where an event may concern the underlay or a port. */
    public void heard(List<NetlinkEvent> events) {
        if (turning != null && events.stream().anyMatch(NetlinkEvent::isOwn)) {
            look();
        }
    }

    /** Most turns do next to nothing: each wakes a CPU that has packets to carry. */
    private void turn() {
        turns++;
        if (turns % TURNS_OF_SWEEP == 0 || (attached != null && obstacles.plain() != null)) {
            look();
        }
        if (turns % TURNS_OF_SWEEP == 0) {
            report();
        }
        Attachment now = attached;
        if (now == null) {
            return;
        }
        try {
            now.take();
            if (turns % TURNS_OF_COUNTS == 0) {
                now.followPorts();
                now.collect();
                now.renewStates();
                now.checkVteps();
            }
            if (turns % TURNS_OF_SWEEP == 0) {
                now.sweep(System.nanoTime());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private long count(Outcome outcome) {
        Attachment now = attached;
        return leftBefore[outcome.index()] + (now == null ? 0 : now.count(outcome));
    }

    /** Is on or off, by what is in the way now. */
    private void look() {
        Obstacle obstacle = watcher == null
                ? obstacles.now()
                : new Obstacle("a " + watcher + " looks at packets", "it is on again when the " + watcher + " ends");
        TunnelEnd end = end(means.config().get().underlay());
        if (attached != null && (obstacle != null || !attached.is(end, obstacles.device()))) {
            detach();
        }
        if (obstacle == null && attached == null) {
            obstacle = attach(end);
        }
        become(obstacle, end.canEncapsulate());
    }

    private void become(@Nullable Obstacle obstacle, boolean canEncapsulate) {
        String key = means.config().get().underlay().checksumKey();
        String half = "flows to the tunnel do not: programs write no outer checksum (" + key + ")";
        String now = obstacle != null ? obstacle.reason() : canEncapsulate ? null : half;
        if (!Objects.equals(now, reason)) {
            if (obstacle == null) {
                log.info("known flows pass in the kernel{}", now == null ? "" : ": " + now);
            } else {
                log.info("no flow passes in the kernel: {}", now);
            }
        }
        reason = now;
        cure = obstacle != null ? obstacle.cure() : now == null ? "" : key + ": false";
    }

    private @Nullable Obstacle attach(TunnelEnd end) {
        try {
            attached = Attachment.attach(means, end, obstacles.device(), executor);
            return null;
        } catch (IOException | IllegalStateException e) {
            return new Obstacle("programs cannot be attached: " + e.getMessage(), "");
        }
    }

    private void detach() {
        Attachment before = attached;
        attached = null;
        if (before != null) {
            before.close();
            for (Outcome outcome : Outcome.values()) {
                leftBefore[outcome.index()] += before.count(outcome);
            }
            packetsBefore += before.packets();
        }
    }

    static TunnelEnd end(UnderlayConfig config) {
        TunnelSettings settings = config.tunnel();
        return new TunnelEnd(
                config.local(),
                config.port(),
                config.sendsChecksum(),
                config.df(),
                settings.dscp(),
                settings.ttl(),
                settings.encapEcn() == EncapEcn.RFC6040);
    }

    /** Returns when no packet in the kernel follows a decision that has ended, nor settings that have changed. */
    public void confirm() {
        if (attached == null) {
            return;
        }
        look();
        if (attached != null) {
            try {
                attached.confirm();
            } catch (LinuxException e) {
                detach(); // what cannot be confirmed must not go on
                reason = e.getMessage();
            }
        }
    }

    /** Somebody looks at packets, as in {@code capture}: from now on all come by the gateway. Null when no longer. */
    public void watchedBy(@Nullable String kind) {
        watcher = kind;
        if (turning != null) {
            look();
        }
    }

    /** The state, for users. */
    public KernelTierReport report() {
        Attachment now = attached;
        last = new KernelTierReport(
                wanted != Kernel.OFF,
                now != null,
                reason,
                cure,
                now == null ? 0 : now.flows(),
                packetsBefore + (now == null ? 0 : now.packets()),
                left(),
                means.helper().name(),
                means.helper().reason());
        return last;
    }

    private Map<String, Long> left() {
        Map<String, Long> left = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            left.put(outcome.name().toLowerCase(Locale.ROOT), count(outcome));
        }
        return left;
    }

    /** Whether a flow of the cache is in the kernel, and why not. */
    public FlowTier where(FlowEntry flow) {
        Attachment now = attached;
        return now == null ? FlowTier.inGateway(reason == null ? "not begun" : reason) : now.where(flow);
    }

    /** The flows that are in the kernel. */
    public List<Known> known() {
        return attached == null ? List.of() : attached.known();
    }

    /** The state as of the last second; any thread. */
    public KernelTierReport lately() {
        return last;
    }

    /** Brings counts home before they are asked for. */
    public void collect() {
        if (attached != null) {
            attached.collect();
        }
    }

    /** Ends it: no packet passes in the kernel any more, and all are counted. */
    public void end() {
        if (turning != null) {
            turning.cancel(false);
            turning = null;
        }
        detach();
        reason = "the gateway ends";
    }
}
