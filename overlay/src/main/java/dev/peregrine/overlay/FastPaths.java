package dev.peregrine.overlay;

import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.fastpath.view.Mismatch;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The flow caches of all workers, and what they share: the epoch, and what can be set at run time. */
public final class FastPaths {
    private static final int SEEDS = 8;

    private final Epoch epoch;
    private final FastPathSwitch settings;
    private final List<FastPath> byWorker = new ArrayList<>();

    /**
     * Empty caches, each with random seeds of its own.
     *
     * @param workers how many
     * @param capacity the most flows of each, see {@link FastPath}
     * @param epoch what tells that tables have changed, see {@link VirtualDevices#announceTo}
     * @param settings what can be set at run time
     * @param mismatches told, on the worker's thread, when the shadow mode finds a difference
     */
    public FastPaths(int workers, int capacity, Epoch epoch, FastPathSwitch settings, Consumer<Mismatch> mismatches) {
        this.epoch = epoch;
        this.settings = settings;
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < workers; i++) {
            byWorker.add(new FastPath(capacity, random.longs(SEEDS).toArray(), epoch, settings, mismatches));
        }
    }

    /** The cache of a worker. */
    public FastPath of(int worker) {
        return byWorker.get(worker);
    }

    /** The epoch that tells of changed tables. */
    public Epoch epoch() {
        return epoch;
    }

    /** The settings that can change at run time, for all workers. */
    public FastPathSwitch settings() {
        return settings;
    }
}
