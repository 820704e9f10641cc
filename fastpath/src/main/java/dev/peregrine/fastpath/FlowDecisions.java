package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.fastpath.view.FlowEntry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.function.IntToLongFunction;

/**
 * The keys and decisions of the entries of a {@link FlowCache}, off the heap, in lines of 64 bytes.
 *
 * <pre>
 *   hot:    for each entry    | key (8 words) | decision (8 words) |
 *   cold:   for each entry    | the rest of the decision (8 words) |
 * </pre>
 *
 * <p>Entries are not checked. Belongs to one worker; not thread-safe.
 */
final class FlowDecisions {
    /** Decision words: the epoch before the walk; flow action and egress port; counts; times by the batches' clock. */
    static final int SINCE = 0;

    static final int WHERE = 1;
    static final int PACKETS = 2;
    static final int BYTES = 3;
    static final int USED_NANOS = 4;
    static final int DUE_NANOS = 5;

    /** The states to watch: two places, and the first state. */
    private static final int PLACES = 6;

    private static final int SEEN = 7;

    /** Cold words: when the flow was let in; notes of refreshes; two more places to watch, and the other states. */
    static final int BORN_NANOS = 8;

    private static final int NOTES = 9;
    private static final int MORE_PLACES = 11;
    private static final int MORE_SEEN = 11;

    /** Packets that came alone since the flow was last offered to the tier below, see {@link FlowOffers}. */
    static final int ALONE = 15;

    private static final int LINE = 8;
    private static final int HOT_BITS = 4;
    private static final int COLD_BITS = 3;

    /** Bytes of an entry. */
    static final int SIZE = ((1 << HOT_BITS) + (1 << COLD_BITS)) * Long.BYTES;

    private final long hot;
    private final long cold;

    /** The decisions of a number of entries, in memory from an address on. */
    FlowDecisions(long base, long entries) {
        hot = base;
        cold = hot + (entries << HOT_BITS) * Long.BYTES;
    }

    private long keyAt(int entry) {
        return hot + ((long) entry << HOT_BITS) * Long.BYTES;
    }

    private long decisionAt(int entry, int i) {
        return i < LINE
                ? hot + (((long) entry << HOT_BITS) + LINE + i) * Long.BYTES
                : cold + (((long) entry << COLD_BITS) + i - LINE) * Long.BYTES;
    }

    /** Word {@code i} of an entry's decision. */
    long decision(int entry, int i) {
        return NativeMemory.getLong(decisionAt(entry, i));
    }

    /** Sets word {@code i} of an entry's decision. */
    void decision(int entry, int i, long value) {
        NativeMemory.putLong(decisionAt(entry, i), value);
    }

    /** Counts packets of an entry's flow. */
    void used(int entry, int segments, long bytes, long nowNanos) {
        decision(entry, PACKETS, decision(entry, PACKETS) + segments);
        decision(entry, BYTES, decision(entry, BYTES) + bytes);
        decision(entry, USED_NANOS, nowNanos);
    }

    /** The argument of refresh {@code i} of an entry. */
    long note(int entry, int i) {
        return decision(entry, NOTES + i);
    }

    /** Where thing {@code i} is that an entry's decision rests on. */
    int watchPlace(int entry, int i) {
        long both = decision(entry, i < 2 ? PLACES : MORE_PLACES);
        return (int) ((i & 1) == 0 ? both : both >>> Integer.SIZE);
    }

    /** The state that was seen there. */
    long watchSeen(int entry, int i) {
        return decision(entry, i == 0 ? SEEN : MORE_SEEN + i);
    }

    /** Word {@code i} of an entry's key. */
    long key(int entry, int i) {
        return NativeMemory.getLong(keyAt(entry) + (long) i * Long.BYTES);
    }

    /** Whether an entry's key, or what is there in place of one, is this. */
    boolean hasKey(int entry, FlowKey key) {
        return key.isAt(keyAt(entry));
    }

    /** Gives an entry a key, without a decision. */
    void begin(int entry, FlowKey key, long nowNanos) {
        key.write(keyAt(entry));
        decision(entry, PACKETS, 0);
        decision(entry, BYTES, 0);
        decision(entry, USED_NANOS, nowNanos);
        decision(entry, BORN_NANOS, nowNanos);
    }

    /** Sets an entry's decision, and what its walk has left in the recording. */
    void decide(int entry, long since, long where, FlowRecording recording) {
        decision(entry, SINCE, since);
        decision(entry, ALONE, 0);
        decision(entry, WHERE, where);
        decision(entry, DUE_NANOS, recording.dueNanos());
        for (int i = 0; i < recording.keepAlives(); i++) {
            decision(entry, NOTES + i, recording.keepAliveNote(i));
        }
        for (int i = 0; i < recording.preconditions(); i += 2) {
            long second = i + 1 < recording.preconditions() ? recording.preconditionSlot(i + 1) : 0;
            decision(entry, i < 2 ? PLACES : MORE_PLACES, (second << Integer.SIZE) | recording.preconditionSlot(i));
        }
        for (int i = 0; i < recording.preconditions(); i++) {
            decision(entry, i == 0 ? SEEN : MORE_SEEN + i, recording.preconditionSeen(i));
        }
    }

    /** An entry as users see it. */
    FlowEntry show(int entry, FlowAction action, boolean current) {
        return show(
                word -> key(entry, word),
                action,
                (int) decision(entry, WHERE),
                new Use(decision(entry, PACKETS), decision(entry, BYTES), decision(entry, USED_NANOS)),
                decision(entry, BORN_NANOS),
                decision(entry, ALONE),
                current);
    }

    /** The traffic that took the fast path: wire packets, their bytes, and when the last one came. */
    record Use(long packets, long bytes, long lastNanos) {}

    /** A flow as users see it, by the words of its key. */
    static FlowEntry show(
            IntToLongFunction words, FlowAction action, int outPort, Use use, long born, long alone, boolean current) {
        ByteBuffer key = ByteBuffer.allocate(FlowKey.WORDS * Long.BYTES);
        for (int i = 0; i < FlowKey.WORDS; i++) {
            key.putLong(words.applyAsLong(i));
        }
        long macs = words.applyAsLong(1);
        long rest = words.applyAsLong(2);
        long ends = words.applyAsLong(3);
        int addresses = (FlowKey.WORDS / 2) * Long.BYTES;
        int length = FlowKey.isIpv6(ends) ? 16 : 4;
        return new FlowEntry(
                action.segment(),
                FlowKey.inPort(ends),
                outPort,
                macs >>> 16,
                ((macs & 0xffff) << 32) | (rest >>> 32),
                address(key, addresses, length),
                address(key, addresses + length, length),
                (int) ends & 0xff,
                (int) (ends >>> 32),
                use.packets,
                use.bytes,
                born,
                use.lastNanos,
                FlowKey.isTagged(rest),
                action.preconditions(),
                alone,
                key.flip().asReadOnlyBuffer(),
                current);
    }

    private static InetAddress address(ByteBuffer from, int at, int length) {
        byte[] bytes = new byte[length];
        from.get(at, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("four or sixteen bytes are an address", e);
        }
    }
}
