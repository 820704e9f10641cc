package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.policy.conntrack.Zones;
import dev.peregrine.dataplane.stage.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Decides about frames behind the bridge: by the rules and limits of the segment and of the port that they leave by.
 */
final class PolicyOutStage implements Stage {
    private static final int PASS = ScopeCheck.PASS;

    private final Policy.Share share;
    private final int port;
    private final int segment;
    private final ScopeCheck portCheck;
    private final ScopeCheck segmentCheck;

    /** A stage for one port and its segment, or for the tunnel with -1: all segments. */
    PolicyOutStage(Policy.Share share, int port, int segment) {
        this.share = share;
        this.port = port;
        this.segment = segment;
        portCheck = new ScopeCheck(share, false);
        segmentCheck = new ScopeCheck(share, false);
    }

    @Override
    public String name() {
        return "out";
    }

    @Override
    public boolean isIdle() {
        PolicySnapshot now = share.now;
        return segment < 0 ? !now.checksOut() : out(now.port(port)) == null && out(now.segment(segment)) == null;
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        PolicySnapshot now = share.now;
        ScopePolicy ofPort = out(now.port(port));
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            batch.verdict(i, leave(ofPort, out(now.segment(packet.segment())), packet, batch.nowNanos()));
        }
    }

    private int leave(@Nullable ScopePolicy ofPort, @Nullable ScopePolicy ofSegment, Packet packet, long nowNanos) {
        if (ofPort == null && ofSegment == null) {
            return PASS;
        }
        int verdict = segmentCheck.check(ofSegment, Zones.ofSegment(packet.segment(), false), packet, nowNanos);
        if (verdict == PASS) {
            verdict = portCheck.check(ofPort, Zones.ofPort(port), packet, nowNanos);
        }
        if (verdict == PASS) {
            verdict = segmentCheck.settle(ofSegment, packet, nowNanos);
        }
        return verdict == PASS ? portCheck.settle(ofPort, packet, nowNanos) : verdict;
    }

    private static @Nullable ScopePolicy out(@Nullable ScopePolicy policy) {
        return policy == null || !policy.checksOut() ? null : policy;
    }
}
