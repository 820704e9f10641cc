package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.schedule.OrderGuard;

/**
 * Looks up the flows of a batch: one for each run of packets of one flow. All flows' lines are prefetched from memory
 * before any of them is used. Belongs to one {@link FlowLookup}.
 */
final class LookupBatch {
    private static final int NO_FLOW = -1;

    /** In place of an entry: there is one, but its decision does not hold. */
    static final int OUT_OF_DATE = -2;

    private final FastPath path;
    private final FlowCache cache;
    private final FlowDecisions flows;
    private final int frame;
    private final int port;

    /** Of each packet: its key; the first packet of its run; and of that, the hash and the entry. */
    private final FlowKey[] keys = FlowKey.several(Batch.CAPACITY);

    private final int[] first = new int[Batch.CAPACITY];

    /** The first packets of runs, in order. */
    private final int[] runs = new int[Batch.CAPACITY];

    private int runCount;
    private final long[] hashes = new long[Batch.CAPACITY];
    private final int[] entries = new int[Batch.CAPACITY];

    /** Kept, so that what is read for its cache line only is read. */
    @SuppressWarnings("UnusedVariable")
    private long touched;

    /**
     * For frames at an index of the head, from a port, or from the port that each packet names where that is negative.
     */
    LookupBatch(FastPath path, int frame, int port) {
        this.path = path;
        this.frame = frame;
        this.port = port;
        cache = path.cache;
        flows = cache.flows;
    }

    /** Looks up the flows of the packets of a batch. */
    void lookUp(Batch batch) {
        read(batch);
        find();
        check(batch.nowNanos());
    }

    /** Whether a packet is of no flow that the cache may know. */
    boolean hasNoFlow(int i) {
        return first[i] == NO_FLOW;
    }

    /** Whether a packet is the first of a run. */
    boolean beginsRun(int i) {
        return first[i] == i;
    }

    /** The first packet of the run that a packet with a flow belongs to. */
    int run(int i) {
        return first[i];
    }

    /** The entry of the run that begins with a packet; {@link FlowCache#NONE} or {@link #OUT_OF_DATE} without one. */
    int entry(int i) {
        return entries[i];
    }

    /** The hash of the flow of the run that begins with a packet. */
    long hash(int i) {
        return hashes[i];
    }

    /** The key of the flow of the run that begins with a packet. */
    FlowKey key(int i) {
        return keys[i];
    }

    private void read(Batch batch) {
        runCount = 0;
        int run = NO_FLOW;
        OrderGuard guard = path.guard;
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            int inPort = port >= 0 ? port : packet.inPort();
            FlowKey key = keys[i];
            if (inPort < 0 || !key.read(packet, frame, inPort) || (guard != null && !guard.isNew(packet))) {
                first[i] = NO_FLOW;
            } else if (run != NO_FLOW && key.equalTo(keys[run])) {
                first[i] = run;
            } else {
                run = i;
                runs[runCount++] = i;
                first[i] = i;
                hashes[i] = cache.hash(key);
            }
        }
    }

    /** In three steps, so that the memory of all flows is on its way at the same time. */
    private void find() {
        for (int i = 0; i < runCount; i++) {
            entries[runs[i]] = cache.candidate(hashes[runs[i]]);
        }
        long sum = 0;
        for (int i = 0; i < runCount; i++) {
            int found = entries[runs[i]];
            sum += found >= 0 ? cache.touch(found) : cache.touchNext(hashes[runs[i]]);
        }
        touched = sum;
        for (int i = 0; i < runCount; i++) {
            int run = runs[i];
            if (entries[run] >= 0) {
                entries[run] = cache.find(keys[run], hashes[run], entries[run]);
            }
        }
    }

    private void check(long nowNanos) {
        touchWatched();
        for (int i = 0; i < runCount; i++) {
            int found = entries[runs[i]];
            if (found >= 0 && !holds(found, nowNanos)) {
                entries[runs[i]] = OUT_OF_DATE;
            }
        }
    }

    /** Has all that decisions rest on be on its way from memory at the same time. */
    private void touchWatched() {
        long sum = 0;
        for (int i = 0; i < runCount; i++) {
            int found = entries[runs[i]];
            if (found >= 0) {
                sum += touchWatched(found);
            }
        }
        touched = sum;
    }

    private long touchWatched(int found) {
        FlowAction way = path.actionOf(found);
        long sum = 0;
        for (int i = 0; i < way.preconditions(); i++) {
            sum += way.watch(i).touch(flows.watchPlace(found, i));
        }
        return sum;
    }

    /** Whether an entry's decision still holds, by all that it rests on. */
    private boolean holds(int found, long nowNanos) {
        FlowAction way = path.actionOf(found);
        if (!path.epoch.isCurrent(way.segment(), flows.decision(found, FlowDecisions.SINCE))) {
            path.counters.stale.add(1);
            return false;
        }
        for (int i = 0; i < way.preconditions(); i++) {
            if (!way.watch(i).holds(flows.watchPlace(found, i), flows.watchSeen(found, i), nowNanos)) {
                return false;
            }
        }
        return true;
    }
}
