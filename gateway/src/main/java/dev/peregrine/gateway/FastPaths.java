package dev.peregrine.gateway;

import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.fastpath.FlowEntry;
import dev.peregrine.fastpath.Mismatch;
import dev.peregrine.gateway.config.FastpathConfig;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The flow caches of all workers, and their common parts: the epoch, and the settings that can change at run time. */
final class FastPaths {
    private static final Logger log = LoggerFactory.getLogger(FastPaths.class);
    private static final int MOST_TOLD = 20;

    /** The number of places of a cache that are listed at a time, while packets wait. */
    private static final int PORTION = 1024;

    private final Epoch epoch;
    private final FastPathSwitch settings;
    private final List<FastPath> byWorker = new ArrayList<>();
    private final AtomicInteger told = new AtomicInteger();

    FastPaths(FastpathConfig config, int segments, int workers) {
        epoch = new Epoch(segments);
        settings = new FastPathSwitch(config.enabled(), config.shadow());
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < workers; i++) {
            long[] seeds = random.longs(8).toArray();
            byWorker.add(new FastPath(config.capacity(), seeds, epoch, settings, this::tell));
        }
    }

    FastPath of(int worker) {
        return byWorker.get(worker);
    }

    Epoch epoch() {
        return epoch;
    }

    FastPathSwitch settings() {
        return settings;
    }

    private void tell(Mismatch mismatch) {
        if (told.incrementAndGet() <= MOST_TOLD) {
            log.error(
                    "the fast path would not do what the chain does ({}): chain {}, fast path {}",
                    mismatch.what(),
                    HexFormat.of().formatHex(mismatch.chain()),
                    HexFormat.of().formatHex(mismatch.fastPath()));
        }
    }

    /** The flows of a lane's cache, at most {@code most}; listed in portions, between which its packets pass. */
    static List<FlowEntry> list(Lane lane, int most) throws IOException {
        List<FlowEntry> entries = new ArrayList<>();
        for (int from = 0; from < lane.fastPath().capacity() && entries.size() < most; from += PORTION) {
            int portion = from;
            lane.call(() -> {
                lane.fastPath().list(portion, portion + PORTION, entries::add);
                return true;
            });
        }
        return entries.size() > most ? entries.subList(0, most) : entries;
    }
}
