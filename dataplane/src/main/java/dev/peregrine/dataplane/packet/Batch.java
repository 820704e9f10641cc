package dev.peregrine.dataplane.packet;

import java.util.Arrays;

/**
 * Up to {@link #CAPACITY} packets in order, with a {@link Verdict} each and one clock reading for all.
 *
 * <p>The caller that hands a batch to a sink gives its packets away: on return the batch is empty and can be filled
 * again. Not thread-safe.
 */
public final class Batch {
    /** The most packets that a batch holds. */
    public static final int CAPACITY = 64;

    private final Packet[] packets = new Packet[CAPACITY];
    private final int[] verdicts = new int[CAPACITY];
    private final int[] arrived = new int[CAPACITY];
    private int size;
    private long nowNanos;

    /** Number of packets. */
    public int size() {
        return size;
    }

    /** Whether there is no packet. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Whether no packet can be added. */
    public boolean isFull() {
        return size == CAPACITY;
    }

    /** Adds a packet at the end, its verdict unset; the batch must not be full. */
    public void add(Packet packet) {
        packets[size] = packet;
        verdicts[size] = Verdict.UNSET;
        size++;
    }

    /** Adds packets from an array, for which there must be room. */
    void addAll(Packet[] from, int at, int count) {
        System.arraycopy(from, at, packets, size, count);
        Arrays.fill(verdicts, size, size + count, Verdict.UNSET);
        size += count;
    }

    /** Copies references to packets from {@code index} on to an array. */
    void copyTo(int index, Packet[] to, int at, int count) {
        System.arraycopy(packets, index, to, at, count);
    }

    /** The packet at {@code index}. */
    public Packet packet(int index) {
        return packets[index];
    }

    /** The verdict on the packet at {@code index}. */
    public int verdict(int index) {
        return verdicts[index];
    }

    /** Sets the verdict on the packet at {@code index}. */
    public void verdict(int index, int verdict) {
        verdicts[index] = verdict;
    }

    /**
     * A new stage begins: forgets all verdicts, and notes how many wire packets each packet stands for, since the stage
     * may make it another.
     *
     * @return wire packets in this batch
     */
    public int begin() {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            verdicts[i] = Verdict.UNSET;
            arrived[i] = packets[i].wirePackets();
            sum += arrived[i];
        }
        return sum;
    }

    /** How many wire packets the packet at {@code index} stood for when the stage began. */
    public int arrivedSegments(int index) {
        return arrived[index];
    }

    /** Wire packets in this batch: the sum of {@link Packet#wirePackets}. */
    public int segments() {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += packets[i].wirePackets();
        }
        return sum;
    }

    /**
     * Whether there are at least {@code enough} wire packets in this batch; looks at no more packets than that takes.
     */
    public boolean hasSegments(int enough) {
        int sum = 0;
        for (int i = 0; i < size && sum < enough; i++) {
            sum += packets[i].wirePackets();
        }
        return sum >= enough;
    }

    /** Empties the batch without releasing its packets, which have gone elsewhere. */
    public void clear() {
        size = 0;
    }

    /** Releases all packets to their pools and empties the batch. */
    public void release() {
        release(size);
    }

    /** Releases the first {@code count} packets to their pools; those behind them move up. */
    public void release(int count) {
        for (int from = 0; from < count; ) {
            from = packets[from].pool().release(this, from, count);
        }
        forget(count);
    }

    /** Takes out the first {@code count} packets, which have gone elsewhere; those behind them move up. */
    public void forget(int count) {
        int left = size - count;
        if (left > 0) {
            System.arraycopy(packets, count, packets, 0, left);
        }
        size = left;
    }

    /** The only clock that stages have: {@link System#nanoTime} when the batch was received. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Sets the clock reading. */
    public void nowNanos(long nanos) {
        nowNanos = nanos;
    }
}
