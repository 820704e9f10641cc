package dev.peregrine.gateway.runtime;

import dev.peregrine.gateway.drops.OffloadLog;
import dev.peregrine.gateway.drops.RejectionLog;
import dev.peregrine.gateway.drops.SuperframeLog;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.PortErrorLog;
import dev.peregrine.gateway.underlay.PathMtuWatch;
import dev.peregrine.gateway.underlay.ReceiveBufferLog;
import dev.peregrine.gateway.underlay.ReceiveWatch;
import dev.peregrine.gateway.underlay.SegmentMtus;
import dev.peregrine.gateway.underlay.SendBufferLog;
import dev.peregrine.gateway.underlay.VtepAgeing;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.SocketUnderlay;
import java.util.Collection;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The work that is done again and again while a gateway runs: tables age, ports are looked after and news is told once
 * a second, and loads are looked at by the {@link LoadWatch}. All on the control thread, which also begins and ends it.
 */
final class Housekeeping {
    private static final int TICK_MILLIS = 1000;

    /** Ticks from one look at the offloads of all ports to the next: there may be a thousand ports. */
    private static final int OFFLOAD_TICKS = 5;

    private final OverlayGateway gateway;
    private final ScheduledExecutorService control;
    private final PathMtuWatch paths;
    private final VtepAgeing vteps;
    private final SegmentMtus segmentMtus;
    private final OffloadLog offloads = new OffloadLog();
    private final FaultLog faults;
    private final ReceiveWatch receiving = new ReceiveWatch();
    private final SendBufferLog sendBuffers = new SendBufferLog();
    private final ReceiveBufferLog receiveBuffers = new ReceiveBufferLog();
    private final PortErrorLog portErrors = new PortErrorLog();
    private final SuperframeLog superframes;
    private final RejectionLog rejections;
    private final LoadWatch loads;
    private @Nullable ScheduledFuture<?> ticking;
    private int ticks;

    private record LoadsOf(OverlayGateway gateway) implements LoadWatch.Loads {
        @Override
        public boolean sample(long nowNanos) {
            return gateway.scheduling().sample(nowNanos);
        }

        @Override
        public void steer(boolean isQuiet, long nowNanos) {
            gateway.watches().placement().steer(gateway.lanes(), isQuiet, nowNanos);
        }
    }

    /** Nothing is done before {@link #begin}. */
    Housekeeping(
            OverlayGateway gateway,
            ScheduledExecutorService control,
            PathMtuWatch paths,
            SegmentMtus segmentMtus,
            FaultLog faults) {
        this.gateway = gateway;
        this.control = control;
        this.paths = paths;
        this.segmentMtus = segmentMtus;
        rejections = new RejectionLog(gateway.vteps(), gateway.vtep().rejections());
        this.faults = faults;
        superframes = new SuperframeLog(gateway.losses());
        loads = new LoadWatch(
                new LoadsOf(gateway), () -> gateway.config().schedule().sampleMillis(), faults);
        vteps = new VtepAgeing(
                gateway.vteps(),
                gateway.fdb(),
                this::received,
                () -> gateway.bridge().applyLearns(System.nanoTime()),
                gateway.fastPaths().epoch()::advanceAll,
                gateway::awaitWorkers,
                vtep -> {
                    gateway.watches().vteps().forget(vtep);
                    paths.forget(vtep);
                });
    }

    /** Begins, when lanes and ports are there. */
    void begin() {
        offloads.tell(Offloads.rows(gateway));
        tellOfBuffers();
        ticking = control.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        loads.begin(control);
    }

    /** Nothing is done after this. */
    void end() {
        if (ticking != null) {
            ticking.cancel(false);
        }
        loads.end();
        faults.run("placement of receivers", gateway.watches().placement()::end);
    }

    /** Forgets VTEPs at once that nothing is accepted from any more. */
    void forget(Collection<RemoteVtep> gone) {
        vteps.forget(gone);
    }

    private void tellOfBuffers() {
        SocketUnderlay underlay = gateway.lanes().getFirst().underlay();
        sendBuffers.tell(underlay);
        receiveBuffers.tell(underlay, gateway.config().underlay().receiveBufferBytes());
    }

    private long received(int vtep) {
        long sum = 0;
        for (EventLoopLane lane : gateway.lanes()) {
            sum += lane.underlay().vtepCounters().receivedDatagrams(vtep);
        }
        return sum;
    }

    /** Each task fails alone: an error in one keeps none of the others from being done, now or at the next tick. */
    private void tick() {
        long nowNanos = System.nanoTime();
        faults.run("changes", () -> gateway.reload().tick(nowNanos));
        faults.run("learning", () -> gateway.bridge().applyLearns(nowNanos));
        faults.run("ageing of the FDB", () -> gateway.fdb().age(nowNanos));
        faults.run("ageing of neighbours", () -> gateway.bridge().neighbours().age(nowNanos));
        faults.run(
                "ageing of flows",
                () -> gateway.policies().policy().states().flows().sweep(nowNanos));
        faults.run("ageing of VTEPs", () -> vteps.tick(nowNanos));
        faults.run("counting of losses", gateway.losses()::tick);
        faults.run("watching drops", () -> gateway.watches().drops().tick(nowNanos));
        faults.run("rejected datagrams", rejections::tick);
        faults.run("refused superframes", superframes::tell);
        faults.run("watching receivers", () -> receiving.tick(gateway.lanes(), nowNanos));
        faults.run("watching the underlay", gateway.underlay()::tick);
        faults.run("MTUs of VNIs", segmentMtus::tick);
        faults.run(
                "placement of workers", () -> gateway.watches().placement().tick(gateway.lanes(), control, nowNanos));
        faults.run("looking after ports", gateway.watches().ports()::tick);
        for (LocalPort port : gateway.ports()) {
            faults.run(port.label(), port::tick);
            faults.run(port.label(), () -> portErrors.tell(port));
        }
        faults.run("watching VTEPs", () -> gateway.watches().vteps().tick(nowNanos));
        faults.run("socket buffers", this::tellOfBuffers);
        if (++ticks % OFFLOAD_TICKS == 0) {
            faults.run("offloads", () -> offloads.tell(Offloads.rows(gateway)));
        }
        faults.run("path MTUs", () -> paths.tick(nowNanos));
    }
}
