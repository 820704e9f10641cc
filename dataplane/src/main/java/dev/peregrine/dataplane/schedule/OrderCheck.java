package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts packets that overtook others of their flow, by comparing the numbers that they got at their entry where they
 * leave the graph. All workers share it, since the packets of a flow that changes its path leave by several.
 *
 * <p>It checks the flows of a configured share of the tickets. Among flows that share a ticket it may miss some cases,
 * but never counts one wrongly.
 */
final class OrderCheck {
    /** In production, one ticket in this many is checked. */
    static final int SAMPLED = 64;

    private final int mask;

    /** By owner and ticket the number of the next packet, written by the owner. */
    private final int[][] next;

    /** By owner and ticket the flow that left last, and its number. */
    private final AtomicLongArray[] last;

    private final Counter[] reorders;

    /**
     * A check for the packets of some workers.
     *
     * @param oneIn n to check one ticket in n; a power of two
     */
    OrderCheck(int workers, int oneIn) {
        mask = oneIn - 1;
        next = new int[workers][PacketPool.TICKETS];
        last = new AtomicLongArray[workers];
        reorders = new Counter[workers];
        for (int i = 0; i < workers; i++) {
            last[i] = new AtomicLongArray(PacketPool.TICKETS);
            reorders[i] = new Counter();
        }
    }

    /** Numbers a packet that has got its ticket; called by its owner. */
    void enter(Packet packet) {
        packet.number(next[packet.pool().owner()][packet.ticket()]++);
    }

    /** Checks a packet that {@code worker} is about to deliver. */
    void leave(Packet packet, int worker) {
        if (!packet.isTicketed() || (packet.ticket() & mask) != 0) {
            return;
        }
        AtomicLongArray of = last[packet.pool().owner()];
        long before = of.getOpaque(packet.ticket());
        int flow = packet.flowHash();
        if ((int) (before >>> 32) == flow && packet.number() - (int) before < 0) {
            reorders[worker].add(1);
        } else {
            of.setOpaque(packet.ticket(), ((long) flow << 32) | (packet.number() & 0xffff_ffffL));
        }
    }

    /** Packets that were late when a worker delivered them; any thread may ask. */
    long reorders(int worker) {
        return reorders[worker].value();
    }
}
