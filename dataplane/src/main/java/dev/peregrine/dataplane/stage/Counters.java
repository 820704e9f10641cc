package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Counter;

/**
 * The counts of one node or port. One writing thread; any thread may read. All but {@link #batches} and
 * {@link #packets} count wire packets: a superframe counts its segments.
 */
public final class Counters {
    /** Weight of the newest sample in the running mean of the cost. */
    private static final double SAMPLE_WEIGHT = 1.0 / 16;

    private final Counter batches = new Counter();
    private final Counter packets = new Counter();
    private final Counter skipped = new Counter();
    private final Counter segments = new Counter();
    private final Counter bytes = new Counter();
    private final Counter drops = new Counter();
    private final Counter copies = new Counter();
    private final Counter answers = new Counter();
    private final Counter consumed = new Counter();
    private final Counter nanosPerPacketBits = new Counter();

    /** Counts a batch that arrived. */
    public void arrived(int packetsMore, int segmentsMore) {
        batches.add(1);
        packets.add(packetsMore);
        segments.add(segmentsMore);
    }

    /** Counts packets that a flow cache sent past this node, as if they had arrived. */
    public void skipped(int packetsMore, int segmentsMore) {
        packets.add(packetsMore);
        skipped.add(packetsMore);
        segments.add(segmentsMore);
    }

    /** Counts wire bytes. */
    public void bytes(long more) {
        bytes.add(more);
    }

    /** Counts dropped wire packets. */
    public void dropped(long segmentsMore) {
        drops.add(segmentsMore);
    }

    /** Counts wire packets that a flood added, including copies for which no buffer was free. */
    public void copied(long segmentsMore) {
        copies.add(segmentsMore);
    }

    /** Counts a reply that the stage made from a packet. */
    public void answered() {
        answers.add(1);
    }

    /** Counts wire packets that were served with a reply. */
    public void consumed(long segmentsMore) {
        consumed.add(segmentsMore);
    }

    /** Adds the cost of a sampled batch to the running mean. */
    public void timed(int batchPackets, long nanos) {
        double mean = nanosPerPacket();
        double sample = (double) nanos / batchPackets;
        double next = mean == 0 ? sample : mean + (sample - mean) * SAMPLE_WEIGHT;
        nanosPerPacketBits.set(Double.doubleToRawLongBits(next));
    }

    /** Batches that arrived. */
    public long batches() {
        return batches.value();
    }

    /** Packets that arrived; a superframe is one. */
    public long packets() {
        return packets.value();
    }

    /** Those of them that a flow cache sent past this node: they cost nothing here. */
    public long skipped() {
        return skipped.value();
    }

    /** Wire packets that arrived. */
    public long segments() {
        return segments.value();
    }

    /** Wire bytes, headers of every segment included. */
    public long bytes() {
        return bytes.value();
    }

    /** Wire packets that were dropped. */
    public long drops() {
        return drops.value();
    }

    /** Wire packets that floods added. */
    public long copies() {
        return copies.value();
    }

    /** Replies that the stage made: to packets that count as {@link #consumed} or as {@link #drops}. */
    public long answers() {
        return answers.value();
    }

    /** Wire packets that were served with a reply. */
    public long consumed() {
        return consumed.value();
    }

    /** Running mean of the stage's own nanoseconds per packet, from samples; 0 before the first. */
    public double nanosPerPacket() {
        return Double.longBitsToDouble(nanosPerPacketBits.value());
    }
}
