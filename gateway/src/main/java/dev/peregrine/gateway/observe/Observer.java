package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.observe.FrameRecorder;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.observe.PcapngWriter;
import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Streamed;
import dev.peregrine.gateway.control.Version;
import dev.peregrine.gateway.observe.tap.CapturePoints;
import dev.peregrine.gateway.observe.tap.CaptureTap;
import dev.peregrine.gateway.observe.tap.Places;
import dev.peregrine.gateway.observe.tap.Surroundings;
import dev.peregrine.gateway.observe.tap.TraceTap;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts taps into the graphs of a gateway for one observation at a time, and takes them out again. Belongs to the
 * control thread.
 */
final class Observer {
    private static final Logger log = LoggerFactory.getLogger(Observer.class);
    private static final int CAPTURE_RING = 4 << 20;
    private static final int TRACE_RING = 1 << 20;
    private static final int REMOVAL_SECONDS = 10;

    private final OverlayGateway gateway;
    private @Nullable Observation running;

    Observer(OverlayGateway gateway) {
        this.gateway = gateway;
        gateway.beforeEnd(this::end);
    }

    /** Makes a worker's tap. */
    private interface Tapping<T> {
        T tap(RecordRing ring, int worker);
    }

    /** Begins a trace. */
    Streamed trace(PacketFilter filter, Lines.Limits limits) throws CommandRefused {
        refuseSecond();
        Places places = new Places();
        Surroundings surroundings = surroundings();
        List<RecordRing> rings = rings(TRACE_RING);
        Traced traced = new Traced(places, names(), new WallClock());
        Reading reading = new TraceReading(rings, traced, filter.drop());
        return begin(
                "trace",
                limits,
                reading,
                rings,
                (ring, worker) -> new TraceTap(ring, worker, filter, surroundings, places, TraceTap.PER_PERIOD));
    }

    /** Begins a capture; {@code snapLength} bytes of each frame are kept. */
    Streamed capture(PacketFilter filter, CapturePoints points, boolean asFile, int snapLength, Lines.Limits limits)
            throws CommandRefused {
        refuseSecond();
        Places places = new Places();
        Surroundings surroundings = surroundings();
        List<RecordRing> rings = rings(CAPTURE_RING);
        List<FrameRecorder> recorders = new ArrayList<>();
        for (int worker = 0; worker < rings.size(); worker++) {
            recorders.add(new FrameRecorder(rings.get(worker), snapLength, worker));
        }
        OuterHeaders outer = new OuterHeaders(
                gateway.config().underlay().local(), gateway.config().underlay().port(), gateway.vteps());
        Captured captured = new Captured(places, names(), outer, new WallClock());
        PcapngWriter file = asFile ? new PcapngWriter("peregrine " + Version.text(), snapLength) : null;
        return begin(
                "capture",
                limits,
                new CaptureReading(rings, recorders, captured, file),
                rings,
                (ring, worker) -> new CaptureTap(recorders.get(worker), filter, points, surroundings, places));
    }

    private void refuseSecond() throws CommandRefused {
        if (running != null) {
            throw new CommandRefused("a " + running.kind()
                    + " is running already, of another client: there is one at a time; wait for its end, or end it");
        }
    }

    private Surroundings surroundings() {
        return new Surroundings(gateway.vtep(), this::ports);
    }

    private GraphNames names() {
        return new GraphNames(gateway.lanes().getFirst()::graph, this::ports, gateway.vteps());
    }

    private List<Port> ports() {
        return gateway.ports().stream().map(port -> port.port()).toList();
    }

    private List<RecordRing> rings(int bytes) {
        List<RecordRing> rings = new ArrayList<>();
        for (int i = 0; i < gateway.lanes().size(); i++) {
            rings.add(new RecordRing(bytes));
        }
        return rings;
    }

    private <T extends Instruments & DropCounters.Witness> Streamed begin(
            String kind, Lines.Limits limits, Reading reading, List<RecordRing> rings, Tapping<T> tapping)
            throws CommandRefused {
        Observation observation = new Observation(kind, limits, reading, this::remove);
        running = observation;
        gateway.tier().watchedBy(kind);
        try {
            List<T> taps = new ArrayList<>();
            for (EventLoopLane lane : gateway.lanes()) {
                T tap = tapping.tap(rings.get(lane.id()), lane.id());
                taps.add(tap);
                lane.call(() -> {
                    lane.drops().witnessedBy(tap);
                    return true;
                });
            }
            gateway.scheduling().rebuild(taps::get);
            return observation;
        } catch (IOException | IllegalStateException e) {
            observation.abandon();
            throw new CommandRefused("the graph could not be watched: " + e.getMessage());
        }
    }

    /** Takes the taps out, on the control thread, and waits for that; returns whether they are out. */
    private boolean remove() {
        try {
            return CompletableFuture.supplyAsync(this::takeOut, gateway.controlThread())
                    .get(REMOVAL_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException | ExecutionException | TimeoutException e) {
            log.warn("taps stay in the graphs: {}", e.toString());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean takeOut() {
        if (running == null) {
            return true; // the gateway ends, and has done so
        }
        running = null;
        gateway.tier().watchedBy(null);
        try {
            gateway.scheduling().rebuild(worker -> Instruments.NONE);
            for (EventLoopLane lane : gateway.lanes()) {
                lane.call(() -> {
                    lane.drops().witnessedBy(null);
                    return true;
                });
            }
            return true;
        } catch (IOException | IllegalStateException e) {
            log.warn("taps stay in the graphs: {}", e.getMessage());
            return false;
        }
    }

    /** The gateway ends. */
    private void end() {
        Observation observation = running;
        if (observation != null) {
            if (takeOut()) {
                observation.isOut();
            }
            observation.stop();
        }
    }
}
