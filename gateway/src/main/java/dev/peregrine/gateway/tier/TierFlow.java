package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.conntrack.FlowLeases;
import dev.peregrine.fastpath.FlowAccount;
import dev.peregrine.fastpath.FlowOffer;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.worker.EventLoopLane;
import dev.peregrine.vxlan.VxlanHeader;
import org.jspecify.annotations.Nullable;

/**
 * A flow in the kernel, and whose counts its packets belong to. Belongs to the control thread, but for what
 * {@link #fold} does.
 */
final class TierFlow implements KernelFlow.Sink {
    private static final int NO_STATE = -1;

    private final EventLoopLane lane;
    private final FlowAccount account;
    private final FlowEntry shown;
    private final int statePlace;
    private final long stateSeen;
    private final int inPort;
    private final int outPort;
    private long packets;
    private long bytes;
    private long total;

    /** The flow that the worker of a lane offers. */
    TierFlow(EventLoopLane lane, FlowOffer offer) {
        this.lane = lane;
        account = offer.account();
        shown = offer.show(System.nanoTime());
        statePlace = offer.states() == 0 ? NO_STATE : offer.statePlace();
        stateSeen = offer.stateSeen();
        inPort = offer.inPort();
        outPort = offer.outPort();
    }

    @Override
    public void add(long more, long moreBytes) {
        packets += more;
        bytes += moreBytes;
        total += more;
    }

    /** Packets of it that went in the kernel. */
    long packets() {
        return total;
    }

    /** Until when the state that its decision rests on lives at least; 0 where it has changed. */
    long lease(FlowLeases leases, long usedNanos, long nowNanos) {
        return statePlace == NO_STATE ? Long.MAX_VALUE : leases.passed(statePlace, stateSeen, usedNanos, nowNanos);
    }

    /** The flow as users see it. */
    FlowEntry shown() {
        return shown;
    }

    /** Has the worker count what was added since the last call, where its own packets are counted; null for nothing. */
    @Nullable
    Runnable fold() {
        if (packets == 0) {
            return null;
        }
        long morePackets = packets;
        long moreBytes = bytes;
        packets = 0;
        bytes = 0;
        return () -> {
            account.add(morePackets, moreBytes, System.nanoTime());
            countAtUnderlay((int) morePackets, moreBytes + morePackets * VxlanHeader.LENGTH);
        };
    }

    private void countAtUnderlay(int datagrams, long payloadBytes) {
        if (Ports.isTunnel(inPort)) {
            lane.received().skipped(datagrams, datagrams);
            lane.received().bytes(payloadBytes);
            lane.underlay().vtepCounters().received(Ports.tunnelIndex(inPort), datagrams, payloadBytes);
        }
        if (Ports.isTunnel(outPort)) {
            lane.underlay().vtepCounters().sent(Ports.tunnelIndex(outPort), datagrams, payloadBytes);
        }
    }

    EventLoopLane lane() {
        return lane;
    }
}
