package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.WorkersConfig.NapiThreads;
import dev.peregrine.gateway.control.report.StatusReport.ReceiverRow;
import dev.peregrine.gateway.control.report.StatusReport.WorkerCpuRow;
import dev.peregrine.gateway.placement.CpuChoice;
import dev.peregrine.gateway.placement.CpuSet;
import dev.peregrine.gateway.placement.CpuTopology;
import dev.peregrine.gateway.placement.Moves;
import dev.peregrine.gateway.placement.ReceivePath;
import dev.peregrine.gateway.placement.ReceivePathReader;
import dev.peregrine.gateway.placement.ReceiverSteering;
import dev.peregrine.gateway.placement.SystemFiles;
import dev.peregrine.gateway.port.Names;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.gateway.worker.EventLoopWorker;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows who receives for the underlay and on which CPUs, and which CPUs the process may use. With {@code cpus: auto}
 * workers move out of the way, and NAPI threads that anybody may move do. Belongs to the control thread once it is
 * made.
 */
public final class PlacementWatch {
    private static final Logger log = LoggerFactory.getLogger(PlacementWatch.class);

    /** Ticks from one look to the next: a look reads a few small files, and a few for each queue of the card. */
    private static final int LOOK_TICKS = 5;

    private final GatewayConfig config;
    private final UnderlayInterface underlay;
    private final ReceivePathReader reader = ReceivePathReader.ofSystem();
    private CpuSet allowed = CpuSet.EMPTY;
    private CpuTopology topology = CpuTopology.FLAT;
    private ReceivePath path = ReceivePath.unknown("not looked yet");
    private final @Nullable ReceiverSteering steering;
    private @Nullable Moves moves;
    private int ticks;

    /** Takes a first look. */
    public PlacementWatch(GatewayConfig config, UnderlayInterface underlay) throws LinuxException {
        this.config = config;
        this.underlay = underlay;
        boolean steers = config.workers().napiThreads() == NapiThreads.STEER && ReceiverSteering.isPossible();
        steering = steers ? ReceiverSteering.ofSystem() : null;
        allow(CpuAffinity.current());
        path = receivers();
    }

    private void allow(int... cpus) {
        CpuSet now = CpuSet.of(cpus);
        if (!now.equals(allowed)) {
            allowed = now;
            topology = CpuTopology.read(new SystemFiles(Path.of("/")), now);
        }
    }

    /** Which CPUs are best, by the last look. */
    public CpuChoice choice() {
        return new CpuChoice(allowed, steering == null ? path : steering.asBefore(path), topology);
    }

    private ReceivePath receivers() {
        if (config.underlay().local().isLoopbackAddress()) {
            return ReceivePath.unknown("the loopback interface receives on the sender's CPU");
        }
        try {
            Optional<Link> link = underlay.find();
            return link.map(reader::look).orElseGet(() -> ReceivePath.unknown("the underlay's interface is not there"));
        } catch (LinuxException | SocketException e) {
            return ReceivePath.unknown("the underlay's interface cannot be looked at: " + e.getMessage());
        }
    }

    /** Looks again when it is time, and has a worker move that is in the way; called about once a second. */
    public void tick(List<EventLoopLane> lanes, Executor control, long nowNanos) {
        if (++ticks % LOOK_TICKS != 0) {
            return;
        }
        try {
            allow(CpuAffinity.current());
        } catch (LinuxException e) {
            log.debug("the CPUs that the process may use: {}", e.getMessage());
        }
        path = receivers();
        if (config.workers().cpus().isEmpty()) {
            int[] cpus = lanes.stream().mapToInt(lane -> lane.loop().cpu()).toArray();
            if (moves == null) {
                moves = new Moves(cpus);
            }
            moves.look(choice(), cpus, nowNanos)
                    .ifPresent(move -> move(lanes.get(move.worker()).loop(), move, control));
        }
    }

    /**
     * Keeps busy NAPI threads off the workers' CPUs, if the configuration wants it; called several times a second.
     *
     * @param isQuiet whether no worker has anything to do, so that none can wait for a CPU
     */
    public void steer(List<EventLoopLane> lanes, boolean isQuiet, long nowNanos) {
        if (steering != null && (!isQuiet || steering.isHolding())) {
            List<ReceiverSteering.WorkerCpu> workers = lanes.stream()
                    .map(lane -> new ReceiverSteering.WorkerCpu(
                            Names.worker(lane.id()), lane.loop().cpu()))
                    .toList();
            steering.look(path, allowed, workers, nowNanos);
        }
    }

    /** Lets NAPI threads run where they might before. */
    public void end() {
        if (steering != null) {
            steering.close();
        }
    }

    private static void move(EventLoopWorker worker, Moves.Move move, Executor control) {
        String name = Names.worker(move.worker());
        var _ = worker.moveTo(move.to())
                .whenCompleteAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                log.info(
                                        "{} moved from CPU {} to CPU {}: {}",
                                        name,
                                        move.from(),
                                        move.to(),
                                        move.reason());
                            } else {
                                log.warn("{} stays on CPU {}: {}", name, move.from(), failure.getMessage());
                            }
                        },
                        control);
    }

    /** Each worker's CPU and those who receive there, by the last look. */
    public List<WorkerCpuRow> workers(List<EventLoopLane> lanes) {
        return lanes.stream()
                .map(lane -> {
                    int cpu = lane.loop().cpu();
                    return new WorkerCpuRow(
                            Names.worker(lane.id()), cpu, allowed.contains(cpu), path.sharing(cpu, allowed));
                })
                .toList();
    }

    /** Those who receive for the underlay, by the last look. */
    public List<ReceiverRow> receiverRows() {
        return path.receivers().stream()
                .map(receiver ->
                        new ReceiverRow(receiver.name(), receiver.cpus().toString()))
                .toList();
    }

    /** Of which receivers nothing is known, and why. */
    public List<String> gaps() {
        return path.gaps();
    }
}
