package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.observe.FrameRecord;
import dev.peregrine.dataplane.observe.FrameRecorder;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One worker's tap for captures: at the terminals, where packets of both paths pass, and wherever a packet is dropped.
 * Datagrams that came in are seen behind the coalescer, where the flow cache has not touched them yet. Belongs to the
 * worker.
 */
public final class CaptureTap implements Instruments, DropCounters.Witness {
    /** The interface of dropped packets, and the place of drops in queues between devices. */
    public static final String DROPS = "drops";

    private static final String BETWEEN = "queue";
    private static final int NOWHERE = -1;

    /** The mark of packets that came in by the underlay. */
    private static final long FROM_UNDERLAY = 1;

    private final FrameRecorder recorder;
    private final PacketFilter filter;
    private final CapturePoints points;
    private final Surroundings surroundings;
    private final Places places;
    private final int underlay;
    private final int drops;
    private final int between;
    private final Map<String, Integer> stages = new ConcurrentHashMap<>();

    /** The terminal that has the packets now; {@link #NOWHERE} while the graph has them. */
    private int terminal = NOWHERE;

    /** A tap of one worker, whose recorder it is. */
    public CaptureTap(
            FrameRecorder recorder,
            PacketFilter filter,
            CapturePoints points,
            Surroundings surroundings,
            Places places) {
        this.recorder = recorder;
        this.filter = filter;
        this.points = points;
        this.surroundings = surroundings;
        this.places = places;
        underlay = places.number(Wiring.UNDERLAY);
        drops = places.number(DROPS);
        between = places.number(BETWEEN);
    }

    @Override
    public Stage stage(String address, Stage stage) {
        if (!points.drops()) {
            return stage;
        }
        stages.put(address, places.number(address));
        return new NamedStage(address, stage);
    }

    @Override
    public Sink sink(String name, Sink sink) {
        if (name.equals(Instruments.behind(Wiring.COALESCE))) {
            return points.underlay() || points.drops() ? batch -> receive(batch, sink) : sink;
        }
        Port port = surroundings.behind(name);
        boolean isUnderlay = name.equals(Wiring.UNDERLAY);
        if (!isUnderlay && port == null) {
            return sink;
        }
        int place = places.number(name);
        boolean isSeen = port == null ? points.underlay() : points.includes(port.name());
        return isSeen || points.drops() ? batch -> send(batch, sink, place, isUnderlay, isSeen) : sink;
    }

    @Override
    public Source source(String name, Source source) {
        Port port = surroundings.behind(name);
        boolean isSeen = port != null && points.includes(port.name());
        if (!isSeen && !points.drops()) {
            return source;
        }
        int place = places.number(name);
        int segment = port == null ? NOWHERE : port.segment();
        int number = port == null ? Packet.NO_PORT : port.id();
        return new Source() {
            @Override
            public int poll(Batch batch) {
                int before = batch.size();
                terminal = place;
                int polled = source.poll(batch);
                terminal = NOWHERE;
                if (isSeen) {
                    see(batch, before, place, segment, number);
                }
                return polled;
            }

            @Override
            public boolean isReady() {
                return source.isReady();
            }
        };
    }

    /** Frames of a workload. */
    private void see(Batch batch, int from, int place, int segment, int port) {
        boolean isFirst = true;
        int vni = surroundings.vniOf(segment);
        for (int i = from; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (filter.matches(packet, 0, vni)) {
                isFirst = begin(isFirst, place, FrameRecord.IN);
                recorder.record(packet, 0, port, vni);
            }
        }
    }

    /** Datagrams of the underlay, dissected. */
    private void receive(Batch batch, Sink next) {
        boolean isFirst = true;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            packet.mark(FROM_UNDERLAY);
            int vni = Surroundings.vniInFront(packet);
            if (points.underlay() && filter.matches(packet, VxlanHeader.LENGTH, vni)) {
                isFirst = begin(isFirst, underlay, FrameRecord.IN);
                recorder.record(packet, VxlanHeader.LENGTH, packet.inPort(), vni);
            }
        }
        next.accept(batch);
    }

    private void send(Batch batch, Sink sink, int place, boolean isUnderlay, boolean isSeen) {
        int frame = isUnderlay ? VxlanHeader.LENGTH : 0;
        boolean isFirst = true;
        for (int i = 0; isSeen && i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            int vni = surroundings.vniOf(packet.segment());
            if (filter.matches(packet, frame, vni)) {
                isFirst = begin(isFirst, place, FrameRecord.OUT);
                recorder.record(packet, frame, packet.outPort(), vni);
            }
        }
        terminal = place;
        sink.accept(batch);
        terminal = NOWHERE;
    }

    /** Reads the clock once for a batch, and only if a packet of it is chosen. */
    private boolean begin(boolean isFirst, int place, int direction) {
        if (isFirst) {
            recorder.seen(System.nanoTime(), place, direction);
        }
        return false;
    }

    @Override
    public void dropped(@Nullable String stage, Packet packet, DropReason reason) {
        if (filter.drop() != null && filter.drop() != reason) {
            return;
        }
        boolean isRaw = packet.etherType() == 0;
        int frame = frame(stage, packet, isRaw && terminal == NOWHERE);
        if (isRaw) {
            Dissector.dissect(packet, frame); // it has ended: nobody else looks at it any more
        }
        int vni = frame > 0 ? Surroundings.vniInFront(packet) : surroundings.vniOf(packet.segment());
        if (filter.matches(packet, frame, vni)) {
            int place = terminal != NOWHERE ? terminal : between;
            int where = stage == null ? place : stages.getOrDefault(stage, place);
            recorder.seen(System.nanoTime(), drops, FrameRecord.ENDED).dropped(reason, where);
            if (isRaw) {
                recorder.recordPieces(packet, frame, packet.inPort(), vni);
            } else {
                recorder.record(packet, frame, packet.inPort(), vni);
            }
        }
    }

    /**
     * Where the inner frame begins: behind a tunnel header from the underlay to decap, and from encap to the underlay.
     *
     * @param isMessage whether it ended in the coalescer
     */
    private int frame(@Nullable String stage, Packet packet, boolean isMessage) {
        boolean isBeforeDecap = isMessage || (packet.segment() < 0 && packet.mark() == FROM_UNDERLAY);
        boolean isTunnelled = stage == null
                ? terminal == underlay || (terminal == NOWHERE && isBeforeDecap)
                : stage.equals(Wiring.DECAP);
        return isTunnelled ? VxlanHeader.LENGTH : 0;
    }
}
