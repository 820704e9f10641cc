package dev.peregrine.gateway.observe.tap;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.observe.RecordRing;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.fastpath.view.Lookup;
import dev.peregrine.fastpath.view.LookupOutcome;
import dev.peregrine.gateway.observe.tap.TraceEvent.Kind;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.VxlanHeader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One worker's tap for traces. It marks the packets that the filter chooses where they come in, with a number, and
 * writes down what happens to those with a number. Other workers' taps know it, too; copies of a flooded packet have
 * the number of the original. Belongs to the worker.
 */
public final class TraceTap implements Instruments, DropCounters.Witness {
    private static final int NOWHERE = -1;

    /**
     * Packets that a worker begins to follow within {@value #PERIOD_NANOS} ns, at most: 1,000 a second are more than
     * anybody reads, and making words of them takes a tenth of a CPU.
     */
    public static final int PER_PERIOD = 10;

    private static final long PERIOD_NANOS = 10_000_000;

    /** Numbers are negative; a mark above 0 is the time when a packet came in that is not followed, or not yet. */
    private static final int WORKER_SHIFT = 48;

    private static final long COUNT = (1L << WORKER_SHIFT) - 1;

    private final RecordRing ring;
    private final TraceEvent.Writer events;
    private final PacketFilter filter;
    private final Surroundings surroundings;
    private final Places places;
    private final int underlay;
    private final Map<String, Integer> stages = new ConcurrentHashMap<>();
    private final long first;
    private final int perPeriod;
    private long count;
    private long periodNanos;
    private int inPeriod;
    private int terminal = NOWHERE;

    /** A tap of one worker, whose ring it is; it begins to follow at most {@code perPeriod} packets in 10 ms. */
    public TraceTap(
            RecordRing ring, int worker, PacketFilter filter, Surroundings surroundings, Places places, int perPeriod) {
        this.ring = ring;
        this.perPeriod = perPeriod;
        this.filter = filter;
        this.surroundings = surroundings;
        this.places = places;
        events = new TraceEvent.Writer(ring, worker);
        underlay = places.number(Wiring.UNDERLAY);
        first = Long.MIN_VALUE | ((long) worker << WORKER_SHIFT);
    }

    /** Whether a mark is the number of a packet that is followed. */
    static boolean isFollowed(long mark) {
        return mark < 0;
    }

    @Override
    public Stage stage(String address, Stage stage) {
        int place = places.number(address);
        stages.put(address, place);
        return new TracedStage(address, stage, place, this);
    }

    @Override
    public Sink sink(String name, Sink sink) {
        if (name.equals(Instruments.behind(Wiring.COALESCE))) {
            return batch -> {
                receive(batch);
                sink.accept(batch);
            };
        }
        if (!name.equals(Wiring.UNDERLAY) && surroundings.behind(name) == null) {
            return sink;
        }
        int place = places.number(name);
        return batch -> {
            leave(batch, place);
            terminal = place;
            sink.accept(batch);
            terminal = NOWHERE;
        };
    }

    @Override
    public Source source(String name, Source source) {
        Port port = surroundings.behind(name);
        if (port == null && !name.equals(Wiring.UNDERLAY)) {
            return source;
        }
        int place = places.number(name);
        return new Source() {
            @Override
            public int poll(Batch batch) {
                int before = batch.size();
                terminal = place;
                int polled = source.poll(batch);
                terminal = NOWHERE;
                if (polled > 0) {
                    arrive(batch, before, place, port);
                }
                return polled;
            }

            @Override
            public boolean isReady() {
                return source.isReady();
            }
        };
    }

    /** Datagrams get their time only: what is in them, and how many there are, shows behind the coalescer. */
    private void arrive(Batch batch, int from, int place, @Nullable Port port) {
        long nanos = System.nanoTime();
        int vni = port == null ? Surroundings.NONE : surroundings.vniOf(port.segment());
        for (int i = from; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            packet.mark(nanos);
            if (port != null && filter.matches(packet, 0, vni)) {
                follow(packet, place, 0, port.id(), vni);
            }
        }
    }

    private void receive(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            int vni = Surroundings.vniInFront(packet);
            if (filter.matches(packet, VxlanHeader.LENGTH, vni)) {
                follow(packet, underlay, VxlanHeader.LENGTH, packet.inPort(), vni);
            }
        }
    }

    private void follow(Packet packet, int place, int frame, int port, int vni) {
        long nanos = packet.mark();
        if (nanos - periodNanos >= PERIOD_NANOS) {
            periodNanos = nanos;
            inPeriod = 0;
        }
        if (inPeriod++ >= perPeriod) {
            ring.miss(1);
            return;
        }
        long number = first | (++count & COUNT);
        int kept = Math.max(0, Math.min(TraceEvent.KEPT, packet.headLength() - frame));
        if (events.begin(Kind.ARRIVED, place, 0, number, nanos, kept)) {
            events.describe(packet, frame, port, vni);
            events.frame(packet, frame, kept);
            events.end();
            packet.mark(number);
        }
    }

    /** A stage has decided about a packet, which is not to be looked at if the stage has taken it over. */
    void decided(int place, int verdict, long number, Packet packet, Stage stage, int index) {
        if (!events.begin(Kind.DECIDED, place, verdict, number, System.nanoTime(), 0)) {
            return;
        }
        if (verdict != Verdict.CONSUMED) {
            events.describe(packet, 0, packet.outPort(), surroundings.vniOf(packet.segment()));
        }
        if (stage instanceof Lookup lookup) {
            LookupOutcome outcome = lookup.outcome(index, packet, verdict);
            boolean isHit = outcome == LookupOutcome.HIT;
            events.explain(outcome.number(), isHit ? lookup.sinceNanos(index) : 0, isHit ? lookup.passed(index) : 0);
        }
        events.end();
    }

    private void leave(Batch batch, int place) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (isFollowed(packet.mark())) {
                write(Kind.LEFT, place, 0, packet, place == underlay ? VxlanHeader.LENGTH : 0);
            }
        }
    }

    @Override
    public void dropped(@Nullable String stage, Packet packet, DropReason reason) {
        if (isFollowed(packet.mark())) {
            int place = stage == null ? terminal : stages.getOrDefault(stage, terminal);
            write(Kind.DROPPED, place, reason.index(), packet, 0);
        }
    }

    private void write(Kind kind, int place, int detail, Packet packet, int frame) {
        if (events.begin(kind, place, detail, packet.mark(), System.nanoTime(), 0)) {
            events.describe(packet, frame, packet.outPort(), surroundings.vniOf(packet.segment()));
            events.end();
        }
    }
}
