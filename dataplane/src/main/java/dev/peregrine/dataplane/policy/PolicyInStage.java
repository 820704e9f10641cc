package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.device.fdb.FdbReader;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.conntrack.Zones;
import dev.peregrine.dataplane.stage.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Decides about frames before the bridge, so that the bridge does not learn from frames that may not pass:
 * anti-spoofing first, then storm control, then the rules and limits of the port that they came by and of the segment.
 */
final class PolicyInStage implements Stage {
    private static final int PASS = ScopeCheck.PASS;
    private static final int STORM = Verdict.drop(DropReason.STORM_LIMIT);

    private final Policy.Share share;
    private final int port;
    private final int segment;
    private final FdbReader fdb;
    private final ScopeCheck portCheck;
    private final ScopeCheck segmentCheck;

    /** A stage for one port and its segment, or for the tunnel with -1: all segments. */
    PolicyInStage(Policy.Share share, int port, int segment) {
        this.share = share;
        this.port = port;
        this.segment = segment;
        fdb = share.fdb.reader();
        portCheck = new ScopeCheck(share, true);
        segmentCheck = new ScopeCheck(share, true);
    }

    @Override
    public String name() {
        return "in";
    }

    @Override
    public boolean isIdle() {
        PolicySnapshot now = share.now;
        return segment < 0 ? !now.checksIn() : in(now.port(port)) == null && in(now.segment(segment)) == null;
    }

    @Override
    public boolean recordsFlow() {
        return true;
    }

    @Override
    public void process(Batch batch) {
        fdb.forget();
        PolicySnapshot now = share.now;
        ScopePolicy ofPort = in(now.port(port));
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            batch.verdict(i, enter(ofPort, in(now.segment(packet.segment())), packet, batch.nowNanos()));
        }
    }

    private int enter(@Nullable ScopePolicy ofPort, @Nullable ScopePolicy ofSegment, Packet packet, long nowNanos) {
        if (ofPort == null && ofSegment == null) {
            return PASS;
        }
        if (ofPort != null && ofPort.guard() != null) {
            DropReason violation = ofPort.guard().violation(packet);
            if (violation != null) {
                return Verdict.drop(violation);
            }
            FlowRecording recording = packet.recording();
            if (recording != null && SourceGuard.readsMessage(packet)) {
                recording.markUncacheable(); // the claims of the next message are unknown
            }
        }
        if (!admits(ofPort, packet, nowNanos) || !admits(ofSegment, packet, nowNanos)) {
            return STORM;
        }
        int verdict = portCheck.check(ofPort, Zones.ofPort(port), packet, nowNanos);
        if (verdict == PASS) {
            verdict = segmentCheck.check(ofSegment, Zones.ofSegment(packet.segment(), true), packet, nowNanos);
        }
        if (verdict == PASS) {
            verdict = portCheck.settle(ofPort, packet, nowNanos);
        }
        return verdict == PASS ? segmentCheck.settle(ofSegment, packet, nowNanos) : verdict;
    }

    private boolean admits(@Nullable ScopePolicy policy, Packet packet, long nowNanos) {
        StormControl storm = policy == null ? null : policy.storm();
        if (storm == null) {
            return true;
        }
        long destination = packet.getMac(EthernetHeader.DESTINATION);
        if (EthernetHeader.isGroup(destination)) {
            return storm.admitGroup(packet, nowNanos);
        }
        return fdb.find(packet.segment(), destination) || storm.admitUnknownUnicast(packet, nowNanos);
    }

    private static @Nullable ScopePolicy in(@Nullable ScopePolicy policy) {
        return policy == null || !policy.checksIn() ? null : policy;
    }
}
