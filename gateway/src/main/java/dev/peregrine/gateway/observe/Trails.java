package dev.peregrine.gateway.observe;

import dev.peregrine.gateway.observe.tap.TraceEvent;
import dev.peregrine.gateway.observe.tap.TraceEvent.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Puts the events of each packet together, which may come from several workers' rings, and decides when a packet's way
 * has ended: when it has left or ended and nothing more was heard of it for a while, so that the copies of a flood are
 * in it. Belongs to the thread that reads the rings.
 */
final class Trails {
    /** How long copies and reports of other workers may take after the first end. */
    private static final long SETTLE_NANOS = 20_000_000;

    /** How long a packet may rest in a queue. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    /** Packets in flight at a time: ends that were lost with a full ring must not pile up. */
    private static final int MOST = 1 << 14;

    private final Map<Long, List<TraceEvent>> open = new LinkedHashMap<>();

    /** Adds an event. */
    void add(TraceEvent event) {
        if (open.size() < MOST || open.containsKey(event.packet())) {
            open.computeIfAbsent(event.packet(), _ -> new ArrayList<>()).add(event);
        }
    }

    /** Gives away the packets whose way has ended, by the time of now; their events in order of time. */
    void settle(long nowNanos, Consumer<List<TraceEvent>> ended) {
        Iterator<List<TraceEvent>> packets = open.values().iterator();
        while (packets.hasNext()) {
            List<TraceEvent> events = packets.next();
            long silence = nowNanos - events.getLast().nanos();
            if (silence > PATIENCE_NANOS || (silence > SETTLE_NANOS && hasEnd(events))) {
                packets.remove();
                events.sort(Comparator.comparingLong(TraceEvent::nanos));
                if (events.getFirst().kind() == Kind.ARRIVED) {
                    ended.accept(events);
                }
            }
        }
    }

    private static boolean hasEnd(List<TraceEvent> events) {
        return events.stream().anyMatch(event -> event.kind() == Kind.LEFT || event.kind() == Kind.DROPPED);
    }
}
