package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Trail;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Stage;

/**
 * Stands in front of the chain and takes packets of known flows past it. One look-up serves a superframe, and a run of
 * packets of one flow.
 *
 * <p>Packets that take the fast path leave first, and once a packet walks, the later packets of the batch that have
 * its flow hash do. Since a batch has settled before the next one is looked up, no packet overtakes another of its flow.
 */
final class FlowLookup implements Stage {
    /** The exit to the recorder. */
    static final int HIT = 0;

    /** The exit to the chain. */
    static final int WALK = 1;

    private static final int TO_RECORDER = Verdict.forward(HIT);
    private static final int TO_CHAIN = Verdict.forward(WALK);

    private final FastPath path;
    private final FlowCache cache;
    private final int number;
    private final int frame;
    private final int port;
    private final Shortcut[] counting = new Shortcut[Batch.CAPACITY];
    private int countingSize;
    private int hits;
    private int misses;
    private int bypasses;
    private int untilShadow;

    /** The flow of the run that is under way, and its entry. */
    private FlowKey run = new FlowKey();

    private FlowKey next = new FlowKey();
    private boolean running;
    private int entry;
    private Shortcut shortcut;

    @SuppressWarnings("NullAway.Init") // there is a shortcut whenever there is an entry
    FlowLookup(FastPath path, int number, int frame, int port) {
        this.path = path;
        this.number = number;
        this.frame = frame;
        this.port = port;
        cache = path.cache;
    }

    @Override
    public String name() {
        return "lookup";
    }

    @Override
    public void process(Batch batch) {
        if (!path.begin()) {
            for (int i = 0; i < batch.size(); i++) {
                batch.verdict(i, TO_CHAIN);
            }
            return;
        }
        running = false;
        int shadow = path.settings.shadow();
        long nowNanos = batch.nowNanos();
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, lookUp(batch.packet(i), nowNanos, shadow));
        }
        settle();
    }

    private int lookUp(Packet packet, long nowNanos, int shadow) {
        int inPort = port >= 0 ? port : packet.inPort();
        if (inPort < 0 || !next.read(packet, frame, inPort)) {
            return bypass(packet);
        }
        if (!running || !next.equalTo(run)) {
            begin(packet);
        }
        if (entry == FlowCache.NONE) {
            misses += packet.segments();
            path.walking.add(packet.flowHash());
            return TO_CHAIN;
        }
        if (!permits(packet, nowNanos)) {
            return bypass(packet);
        }
        if (shadow > 0 && --untilShadow <= 0 && shadow(packet, inPort)) {
            untilShadow = shadow;
            return TO_CHAIN;
        }
        long bytes = frameBytes(packet);
        if (path.shadowed.has(packet.flowHash()) || !rewrite(packet, inPort)) {
            return bypass(packet);
        }
        repeat(packet, nowNanos);
        count(packet.segments(), bytes, nowNanos);
        return TO_RECORDER;
    }

    private int bypass(Packet packet) {
        bypasses += packet.segments();
        path.walking.add(packet.flowHash());
        return TO_CHAIN;
    }

    /** Begins the run of a flow: looks it up, and has it observed if it is unknown. */
    private void begin(Packet packet) {
        FlowKey key = next;
        next = run;
        run = key;
        running = true;
        long hash = cache.hash(key);
        entry = cache.find(key, hash);
        if (entry != FlowCache.NONE) {
            shortcut = path.shortcut((int) (cache.decision(entry, FlowCache.WHERE) >>> Integer.SIZE));
            if (path.epoch.isCurrent(shortcut.segment(), cache.decision(entry, FlowCache.SINCE))) {
                cache.use(entry);
                return;
            }
            entry = FlowCache.NONE;
            path.counters.stale.add(1);
        } else if (!cache.admits(hash)) {
            return;
        }
        Walk walk = path.observe(packet, number, hash);
        if (walk != null) {
            copy(key, walk.key);
        }
    }

    private static void copy(FlowKey from, FlowKey to) {
        System.arraycopy(from.words, 0, to.words, 0, FlowKey.WORDS);
    }

    /** Whether the packet may take the shortcut of its flow. */
    private boolean permits(Packet packet, long nowNanos) {
        if (packet.wireLength() - frame > shortcut.limit() || path.walking.has(packet.flowHash())) {
            return false;
        }
        for (int i = 0; i < shortcut.repeats(); i++) {
            if (!shortcut.repeat(i).permits(cache.note(entry, Trail.MOST_NOTES + i), packet, nowNanos)) {
                return false;
            }
        }
        return true;
    }

    private boolean rewrite(Packet packet, int inPort) {
        if (!shortcut.rewrite(packet)) {
            return false;
        }
        packet.segment(shortcut.segment()).inPort(inPort).outPort((int) cache.decision(entry, FlowCache.WHERE));
        return true;
    }

    /** Has the stages do for the packet what they do besides deciding. */
    private void repeat(Packet packet, long nowNanos) {
        for (int i = 0; i < shortcut.repeats(); i++) {
            shortcut.repeat(i).repeat(cache.note(entry, Trail.MOST_NOTES + i), packet, nowNanos);
        }
        int refreshes = shortcut.refreshes();
        if (refreshes == 0 || nowNanos - cache.decision(entry, FlowCache.DUE_NANOS) < 0) {
            return;
        }
        long due = Long.MAX_VALUE;
        for (int i = 0; i < refreshes; i++) {
            due = Math.min(due, shortcut.refresh(i).refresh(cache.note(entry, i), nowNanos));
        }
        cache.decision(entry, FlowCache.DUE_NANOS, due);
    }

    private void count(int segments, long bytes, long nowNanos) {
        hits += segments;
        if (shortcut.count(segments, bytes)) {
            counting[countingSize++] = shortcut;
        }
        cache.used(entry, segments, bytes, nowNanos);
    }

    /** Bytes on the wire without tunnel headers. */
    private long frameBytes(Packet packet) {
        return packet.wireBytes() - (long) frame * packet.segments();
    }

    /** Sends the packet down the chain, beside a copy that shows what the fast path makes of it; false if it cannot. */
    private boolean shadow(Packet packet, int inPort) {
        Packet twin = packet.pool().copy(packet);
        if (twin == null) {
            return false;
        }
        Walk walk = rewrite(twin, inPort) ? path.observe(packet, number, 0) : null;
        if (walk == null) {
            twin.pool().release(twin);
            return false;
        }
        path.shadow.begin(walk, twin);
        path.shadowed.add(packet.flowHash());
        hits += packet.segments();
        return true;
    }

    /** Has all counters count what this batch did. */
    private void settle() {
        for (int i = 0; i < countingSize; i++) {
            counting[i].settle();
        }
        countingSize = 0;
        path.counters.hits.add(hits);
        path.counters.misses.add(misses);
        path.counters.bypasses.add(bypasses);
        hits = 0;
        misses = 0;
        bypasses = 0;
    }
}
