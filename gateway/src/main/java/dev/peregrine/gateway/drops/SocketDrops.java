package dev.peregrine.gateway.drops;

/**
 * Divides what the kernel dropped at the underlay's sockets by its cause. A socket has one count for both causes; which
 * it was, the kernel counts for all sockets of the network namespace together.
 *
 * <p>A drop counts as one for a wrong checksum where no full queue of the namespace can explain it, and otherwise as
 * one for a full queue. So the sum is exact, and neither count ever falls; only while another socket of the namespace
 * overflows can a wrong checksum be taken for a full queue.
 */
final class SocketDrops {
    private long fullQueue;
    private long wrongChecksum;

    /** Whether there are more drops at the underlay's sockets than were divided so far. */
    boolean rose(long drops) {
        return drops > fullQueue + wrongChecksum;
    }

    /**
     * Takes notice of new readings, each a count since the start.
     *
     * @param drops at the underlay's sockets, read before the others
     * @param queueErrors datagrams that found the receive queue of a socket full
     * @param checksumErrors datagrams with a wrong checksum
     */
    void update(long drops, long queueErrors, long checksumErrors) {
        long added = Math.max(0, drops - fullQueue - wrongChecksum);
        long unexplained = Math.min(drops - queueErrors, checksumErrors) - wrongChecksum;
        long wrong = Math.clamp(unexplained, 0, added);
        wrongChecksum += wrong;
        fullQueue += added - wrong;
    }

    /** Datagrams that found the receive queue full. */
    long fullQueue() {
        return fullQueue;
    }

    /** Datagrams whose outer UDP checksum was wrong. */
    long wrongChecksum() {
        return wrongChecksum;
    }
}
