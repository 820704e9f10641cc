package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.packet.Ports;

/**
 * Divides a queue of reports between the ports and segments that they come from, so that the reports of one cannot keep
 * out those of another. The first places are for all; in addition each local port, and the tunnels of each segment,
 * have {@value #OWN} of their own. Belongs to the worker that fills the queue.
 */
public final class QueueShares {
    /** Places of each local port, and of all tunnels of a segment. */
    static final int OWN = 8;

    private final int localPorts;
    private final int common;
    private final int capacity;

    /** By source: the number of reports that may wait, and the position of the last one in the queue. */
    private final int[] waiting;

    private final long[] last;

    /**
     * Shares of an empty queue.
     *
     * @param common places for all
     */
    public QueueShares(int common, int localPorts, int segments) {
        this.common = common;
        this.localPorts = localPorts;
        int users = localPorts + Math.max(1, segments);
        capacity = Integer.highestOneBit(common + OWN * users - 1) * 2;
        waiting = new int[users];
        last = new long[users];
    }

    /** Places of the queue, a power of two. */
    public int capacity() {
        return capacity;
    }

    /**
     * Whether a report may be posted; if so, records that it is.
     *
     * @param head reports taken from the queue so far
     */
    public boolean post(int port, int segment, long head, long tail) {
        int user = Ports.isTunnel(port)
                ? localPorts + Math.min(segment, waiting.length - localPorts - 1)
                : Math.min(port, waiting.length - 1);
        if (last[user] < head) {
            waiting[user] = 0;
        }
        if (tail - head >= common && waiting[user] >= OWN) {
            return false;
        }
        waiting[user]++;
        last[user] = tail;
        return true;
    }
}
