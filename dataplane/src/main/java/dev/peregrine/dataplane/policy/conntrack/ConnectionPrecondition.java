package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Precondition;

/**
 * Watches the states of TCP connections, whose {@link TcpWindows} follow the packets that take the fast path as well.
 * Other flows have a precondition of their own, {@link FlowStates}, and pay nothing for that. Any thread.
 */
final class ConnectionPrecondition implements Precondition {
    /** The bit of a place that names the end that the packets are from; the other bits are the slot. */
    private static final int FROM_LOW = 1 << 28;

    private final FlowStates states;
    private final TcpWindows windows;

    ConnectionPrecondition(FlowStates states, TcpWindows windows) {
        this.states = states;
        this.windows = windows;
    }

    /** The name of a slot in a recording, for packets of one direction. */
    static int place(int slot, boolean fromLow) {
        return slot | (fromLow ? FROM_LOW : 0);
    }

    private static int slot(int place) {
        return place & ~FROM_LOW;
    }

    @Override
    public boolean holds(int place, long seen, long nowNanos) {
        return states.holds(slot(place), seen, nowNanos);
    }

    @Override
    public boolean follows() {
        return true;
    }

    /** Notes how far the connection has come. */
    @Override
    public void passed(int place, Packet packet) {
        TcpSegment.pass(packet, windows, FlowStates.record(slot(place)), (place & FROM_LOW) != 0);
    }

    @Override
    public long touch(int place) {
        int slot = slot(place);
        return states.touch(slot) + windows.touch(FlowStates.record(slot));
    }
}
