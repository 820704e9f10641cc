package dev.peregrine.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A stage of a path that loses, duplicates and delays items, as networks do; equal seed and input give equal faults. A
 * delayed item arrives after one or several later ones. Not thread-safe.
 *
 * @param <T> the items: datagrams, frames
 */
public final class FaultInjector<T> implements Consumer<T> {
    private final Consumer<? super T> next;
    private final Faults faults;
    private final SplittableRandom random;
    private final List<Delayed<T>> delayed = new ArrayList<>();
    private long lost;
    private long duplicated;
    private long reordered;

    /**
     * The frequency of each fault, as shares from 0 to 1.
     *
     * @param distance the most later ones that a delayed one comes after, at least 1
     */
    public record Faults(double loss, double duplication, double reordering, int distance) {
        /** A path without faults. */
        public static final Faults NONE = new Faults(0, 0, 0, 1);
    }

    /** Comes after {@code left} more. */
    private static final class Delayed<T> {
        private final T item;
        private int left;

        Delayed(T item, int left) {
            this.item = item;
            this.left = left;
        }
    }

    /** A path to {@code next}. */
    public FaultInjector(Faults faults, long seed, Consumer<? super T> next) {
        this.faults = faults;
        this.next = next;
        random = new SplittableRandom(seed);
    }

    @Override
    public void accept(T item) {
        if (random.nextDouble() < faults.loss()) {
            lost++;
            return;
        }
        if (random.nextDouble() < faults.reordering()) {
            delayed.add(new Delayed<>(item, 1 + random.nextInt(faults.distance())));
            return;
        }
        next.accept(item);
        if (random.nextDouble() < faults.duplication()) {
            duplicated++;
            next.accept(item);
        }
        releaseDue();
    }

    private void releaseDue() {
        for (Delayed<T> waiting : delayed) {
            waiting.left--;
            if (waiting.left == 0) {
                reordered++;
                next.accept(waiting.item);
            }
        }
        delayed.removeIf(waiting -> waiting.left <= 0);
    }

    /** Releases the delayed items: no more items come, or not soon. */
    public void flush() {
        delayed.forEach(waiting -> next.accept(waiting.item));
        delayed.clear();
    }

    /** How many were lost. */
    public long lost() {
        return lost;
    }

    /** How many came twice. */
    public long duplicated() {
        return duplicated;
    }

    /** How many came after a later one. */
    public long reordered() {
        return reordered;
    }
}
