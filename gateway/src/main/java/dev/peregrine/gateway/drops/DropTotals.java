package dev.peregrine.gateway.drops;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.control.report.StatusReport.KernelCounterRow;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.worker.EventLoopLane;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Every drop of the gateway by reason, those included that the kernel reports. Asked on the control thread. */
public final class DropTotals {
    private static final int MOST_NAMED = 3;

    private final List<EventLoopLane> lanes;
    private final List<LocalPort> ports;
    private final KernelLosses kernel;
    private final Map<DropReason, Long> ofPortsThatWere = new EnumMap<>(DropReason.class);

    /** The drops of these lanes and ports, and those that the kernel counts. */
    public DropTotals(List<EventLoopLane> lanes, List<LocalPort> ports, KernelLosses kernel) {
        this.lanes = lanes;
        this.ports = ports;
        this.kernel = kernel;
    }

    /** Takes notice of what the kernel dropped at the underlay's sockets and in front of them; about once a second. */
    public void tick() {
        kernel.tick(ofWorkers(DropReason.UNDERLAY_RECEIVE_OVERFLOW));
        lanes.forEach(EventLoopLane::countLosses);
    }

    /** Losses of the kernel in front of the underlay's sockets, by its own names. */
    public List<KernelCounterRow> kernelCounters() {
        return kernel.rows();
    }

    /** Wire packets dropped for a reason since the start. */
    public long count(DropReason reason) {
        return switch (reason) {
            case UNDERLAY_RECEIVE_OVERFLOW -> kernel.atSockets().fullQueue();
            case UNDERLAY_CHECKSUM -> kernel.atSockets().wrongChecksum();
            default -> ofWorkers(reason) + atPorts(reason);
        };
    }

    private long ofWorkers(DropReason reason) {
        long sum = 0;
        for (EventLoopLane lane : lanes) {
            sum += lane.drops().count(reason);
        }
        return sum;
    }

    private long atPorts(DropReason reason) {
        if (!LocalPort.LOSSES.contains(reason)) {
            return 0; // there may be a thousand ports
        }
        long sum = ofPortsThatWere.getOrDefault(reason, 0L);
        for (LocalPort port : ports) {
            sum += port.losses(reason);
        }
        return sum;
    }

    /** Keeps what the kernel dropped at a port that goes. */
    public void keep(LocalPort going) {
        for (DropReason reason : DropReason.values()) {
            ofPortsThatWere.merge(reason, going.losses(reason), Long::sum);
        }
    }

    /** Wire packets dropped for any reason since the start. */
    public long total() {
        long sum = 0;
        for (DropReason reason : DropReason.values()) {
            sum += count(reason);
        }
        return sum;
    }

    /**
     * All of them in a few words, as in {@code 12 (SAME_PORT 7, PORT_DOWN 5)}: the {@value #MOST_NAMED} most frequent
     * ones.
     */
    public String summary() {
        List<DropReason> dropped = Arrays.stream(DropReason.values())
                .filter(reason -> count(reason) > 0)
                .sorted(Comparator.comparingLong(this::count).reversed())
                .toList();
        String named = dropped.stream()
                .limit(MOST_NAMED)
                .map(reason -> reason + " " + count(reason))
                .collect(Collectors.joining(", "));
        String others = dropped.size() <= MOST_NAMED ? "" : ", and " + (dropped.size() - MOST_NAMED) + " other reasons";
        return total() + (named.isEmpty() ? "" : " (" + named + others + ")");
    }
}
