package dev.peregrine.fastpath.kernel.table;

/**
 * Finds order counters whose packets will never leave the gateway, since the kernel lost them between program and
 * gateway: a full socket, a firewall rule, a wrong outer checksum. Their flows would walk for ever.
 *
 * <pre>
 *   note: in ≠ out ──► a grace period ──► every worker finds all its queues empty, and has written all ──► write off:
 *                                                                         in as noted? then out = in
 * </pre>
 *
 * <p>After the grace period, what had been counted when it was noted is in a queue, has left, or is lost. After the
 * workers' empty turns it has left or is lost. If nothing was counted since, nothing of this counter is in the gateway.
 * Where packets come all the time, nobody can tell those that left from those that came: such a counter is stuck until
 * there is a pause of that length. One thread.
 */
final class LostPackets {
    /** The most counters that are noted at a time; others have their turn later. */
    private static final int MOST = 4096;

    private final Orders orders;
    private final int[] suspects = new int[MOST];
    private final long[] in = new long[MOST];
    private int count;
    private int from;
    private int stuck;

    LostPackets(Orders orders) {
        this.orders = orders;
    }

    /** Notes the counters that are not settled now. */
    void note() {
        count = 0;
        int order = from;
        for (int i = 0; i < Orders.COUNT && count < MOST; i++) {
            long out = orders.out(order);
            long counted = orders.in(order);
            if (counted != out) {
                suspects[count] = order;
                in[count++] = counted;
            }
            order = (order + 1) & (Orders.COUNT - 1);
        }
        from = order;
    }

    /** Settles those that were noted and have had no packet since; returns how many. */
    int writeOff() {
        int settled = 0;
        int moving = 0;
        for (int i = 0; i < count; i++) {
            int order = suspects[i];
            long out = orders.out(order);
            long counted = orders.in(order);
            if (counted == out) {
                continue;
            }
            if (counted != in[i]) {
                moving++;
            } else if (orders.writeOff(order, out, counted)) {
                settled++;
            }
        }
        count = 0;
        stuck = moving;
        return settled;
    }

    /** Of the counters that the last call looked at, those that were not settled and had packets all the time. */
    int stuck() {
        return stuck;
    }
}
