package dev.peregrine.fastpath.kernel.table;

import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.OrderCounts;
import java.util.Arrays;

/**
 * Counts out, for one worker, what programs have counted in and left to the gateway: that of a batch together, when it
 * has left. Belongs to its worker, but for {@link #counts(int, boolean)}.
 */
public final class OrderBook implements OrderCounts {
    private static final int USUAL = 256;

    private final KernelTables tables;

    /** By number of the port. Written by the control thread. */
    private final boolean[] ports;

    private int[] orders = new int[USUAL];
    private long[] amounts = new long[USUAL];
    private int size;

    /** A book in which no local port counts, for those with numbers below {@code ports}. */
    public OrderBook(KernelTables tables, int ports) {
        this.tables = tables;
        this.ports = new boolean[ports];
    }

    /** From now on frames of a local port are counted by a program, or no longer. On the control thread. */
    public void counts(int port, boolean on) {
        ports[port] = on;
    }

    @Override
    public boolean counts(int port) {
        return ports[port];
    }

    @Override
    public void arrived(FlowKey key, int wirePackets) {
        note(tables.order(key), wirePackets);
    }

    /** Datagrams came from one source port; {@code bytes} of UDP payload. */
    public void came(long sourceHigh, long sourceLow, int sourcePort, int bytes) {
        note(tables.order(sourceHigh, sourceLow, sourcePort), bytes);
    }

    private void note(int order, long amount) {
        if (size > 0 && orders[size - 1] == order) {
            amounts[size - 1] += amount;
            return;
        }
        if (size == orders.length) { // until it is as long as a batch has datagrams
            orders = Arrays.copyOf(orders, 2 * size);
            amounts = Arrays.copyOf(amounts, 2 * size);
        }
        orders[size] = order;
        amounts[size++] = amount;
    }

    /** The batch has left the gateway. */
    public void left() {
        for (int i = 0; i < size; i++) {
            tables.settled(orders[i], amounts[i]);
        }
        size = 0;
    }
}
