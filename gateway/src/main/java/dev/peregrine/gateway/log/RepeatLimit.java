package dev.peregrine.gateway.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.slf4j.event.Level;

/** Passes at most n events of one kind in each interval, and counts the others. One thread at a time. */
final class RepeatLimit {
    /**
     * Kinds that are kept in mind. There are as many as the program has messages, unless one is made of what came in.
     */
    private static final int MOST_KINDS = 1024;

    private final int most;
    private final long whileNanos;
    private final Map<Kind, Window> windows = new HashMap<>();

    /**
     * A limit.
     *
     * @param most events of a kind that pass
     * @param whileNanos from the first of them on
     */
    RepeatLimit(int most, long whileNanos) {
        this.most = most;
        this.whileNanos = whileNanos;
    }

    /** The same message of the same logger, whatever is put into its places. */
    record Kind(Level level, String logger, String message) {}

    /** Events that did not pass. */
    record Rest(Kind kind, long events) {}

    private static final class Window {
        private final long begin;
        private long events;

        Window(long begin) {
            this.begin = begin;
        }
    }

    /** Counts an event; whether it passes. */
    boolean passes(Kind kind, long nowNanos) {
        if (windows.size() >= MOST_KINDS && !windows.containsKey(kind)) {
            return true;
        }
        Window window = windows.computeIfAbsent(kind, key -> new Window(nowNanos));
        window.events++;
        return window.events <= most;
    }

    /** Ends the whiles that are over; returns what did not pass in them. */
    List<Rest> ended(long nowNanos) {
        List<Rest> rests = new ArrayList<>();
        for (Iterator<Map.Entry<Kind, Window>> all = windows.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Kind, Window> one = all.next();
            if (nowNanos - one.getValue().begin >= whileNanos) {
                long events = one.getValue().events - most;
                if (events > 0) rests.add(new Rest(one.getKey(), events));
                all.remove();
            }
        }
        return rests;
    }
}
