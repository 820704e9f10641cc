package dev.peregrine.fastpath.kernel;

import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.OrderCounts;
import java.util.Arrays;

/**
 * Counts out, for one worker, the packets that programs have counted in and left to the gateway: those of a batch together,
 * when it has left. Belongs to its worker, but for {@link #counts(int, boolean)}.
 *
 * <p>A datagram says by its mark that it was counted, and where; see {@link FlowMatch#MARK}. A frame that a TAP gives has
 * no mark: all that have a flow count there.
 */
public final class OrderBook implements OrderCounts {
    private final KernelTables tables;

    /** By number of the port. Written by the control thread. */
    private final boolean[] ports;

    private int[] orders = new int[256];
    private int[] packets = new int[256];
    private int size;

    /** A book in which no port counts, for local ports with numbers below {@code ports}. */
    public OrderBook(KernelTables tables, int ports) {
        this.tables = tables;
        this.ports = new boolean[ports];
    }

    /** From now on packets of a local port are counted by a program, or no longer. On the control thread. */
    public void counts(int port, boolean on) {
        ports[port] = on;
    }

    @Override
    public boolean counts(int port) {
        return ports[port];
    }

    @Override
    public void arrived(FlowKey key, int wirePackets) {
        note(KernelTables.order(key), wirePackets);
    }

    @Override
    public void arrived(int socketMark, int wirePackets) {
        if ((socketMark & FlowMatch.MARK_MASK) == FlowMatch.MARK) {
            note(socketMark & ~FlowMatch.MARK_MASK, wirePackets);
        }
    }

    private void note(int order, int wirePackets) {
        if (size > 0 && orders[size - 1] == order) {
            packets[size - 1] += wirePackets;
            return;
        }
        if (size == orders.length) { // until it is as long as a batch has datagrams
            orders = Arrays.copyOf(orders, 2 * size);
            packets = Arrays.copyOf(packets, 2 * size);
        }
        orders[size] = order;
        packets[size++] = wirePackets;
    }

    /** The batch has left the gateway. */
    public void left() {
        for (int i = 0; i < size; i++) {
            tables.settled(orders[i], packets[i]);
        }
        size = 0;
    }
}
