package dev.peregrine.bench.wire.drops;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counters by place, such as {@code hB/uB/rx_dropped}: host, device or protocol, and the counter's own name. They count
 * as whoever keeps them does, so a superframe may be one.
 */
public final class Counters {
    private final Map<String, Long> counts = new LinkedHashMap<>();

    /** Adds to a counter, which begins at 0. */
    void add(String place, long count) {
        counts.merge(place, count, Long::sum);
    }

    /** Adds all counters of another one. */
    void addAll(Counters other) {
        other.counts.forEach(this::add);
    }

    /** 0 where nothing was counted. */
    long get(String place) {
        return counts.getOrDefault(place, 0L);
    }

    /**
     * Moves at most {@code most} of the packets of one counter to another, so that nothing is counted twice.
     *
     * @return how many there were to move
     */
    long move(String from, String to, long most) {
        long moved = Math.clamp(most, 0, Math.max(0, get(from)));
        if (moved > 0) {
            add(from, -moved);
            add(to, moved);
        }
        return moved;
    }

    /** Takes at most {@code most} packets off a counter, because another one counts them. */
    long remove(String place, long most) {
        long removed = Math.clamp(most, 0, Math.max(0, get(place)));
        if (removed > 0) {
            add(place, -removed);
        }
        return removed;
    }

    /** The growth of these counters since an earlier reading of them. */
    Counters since(Counters before) {
        Counters difference = new Counters();
        counts.forEach((place, count) -> difference.add(place, Math.max(0, count - before.get(place))));
        return difference;
    }

    /** The sum of the counters whose places match a regular expression. */
    long sum(String places) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey().matches(places))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Those that counted something, by place. */
    public Map<String, Long> counts() {
        Map<String, Long> counted = new TreeMap<>();
        counts.forEach((place, count) -> {
            if (count > 0) {
                counted.put(place, count);
            }
        });
        return counted;
    }
}
