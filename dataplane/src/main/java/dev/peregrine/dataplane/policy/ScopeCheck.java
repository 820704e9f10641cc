package dev.peregrine.dataplane.policy;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.policy.conntrack.FlowTracker;
import dev.peregrine.dataplane.policy.match.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Applies the rules of ports, or those of segments, to one frame after the other in one direction; counts the frames
 * that meet each rule. Belongs to one stage of one worker.
 *
 * <p>A frame that has to pass two scopes is checked by both before either records its flow or charges a limit.
 */
final class ScopeCheck {
    static final int PASS = Verdict.forward(0);

    private static final int DENIED = Verdict.drop(DropReason.POLICY_DENIED);
    private static final int DEFAULT = Verdict.drop(DropReason.POLICY_DEFAULT);
    private static final int LIMITED = Verdict.drop(DropReason.RATE_LIMIT);
    private static final int UNREADABLE = Verdict.drop(DropReason.POLICY_UNREADABLE);
    private static final int INVALID = Verdict.drop(DropReason.STATE_INVALID);
    private static final int FULL = Verdict.drop(DropReason.STATE_TABLE_FULL);

    private final Policy.Share share;
    private final boolean in;
    private final FlowTracker tracker;
    private boolean opens;

    ScopeCheck(Policy.Share share, boolean in) {
        this.share = share;
        this.in = in;
        tracker = share.states.tracker(in, share.tally);
    }

    /** Whether rules let a frame pass, or the flow that it belongs to. {@code zone} is the scope's for flows. */
    int check(@Nullable ScopePolicy policy, int zone, Packet packet, long nowNanos) {
        opens = false;
        if (policy == null) {
            return PASS;
        }
        RuleList rules = in ? policy.in() : policy.out();
        Hits replies = policy.replies();
        if (replies != null) {
            switch (tracker.follow(packet, zone, nowNanos)) {
                case ESTABLISHED, RELATED -> {
                    return established(rules, replies, packet, nowNanos);
                }
                case INVALID -> {
                    markUncacheable(packet.recording()); // until a flow is opened
                    return rules == null ? PASS : INVALID;
                }
                case NEW -> opens = true;
                case UNTRACKED -> {}
            }
        }
        return rules == null ? PASS : check(rules, packet, nowNanos);
    }

    /** A packet of an established flow needs no rule, but it is charged if the rule that it would meet limits. */
    private int established(@Nullable RuleList rules, Hits replies, Packet packet, long nowNanos) {
        FlowRecording recording = packet.recording();
        if (rules != null && rules.limits()) {
            if (!share.fields.read(packet)) {
                return UNREADABLE;
            }
            if (packet.protocol() == 0) { // a later fragment

                share.fields.transport(tracker.transportOfFirst()); // the limit of its first fragment charges it
            }
            int at = rules.find(share.fields);
            if (at != Matcher.NONE && rules.entry(at).limit() != null) {
                markUncacheable(recording); // every packet pays
                return meet(rules.entry(at), packet, nowNanos);
            }
            if (rules.looksBeyondFlows()) {
                markUncacheable(recording); // the flow's next packet may meet a limit
            }
        }
        replies.add(share.worker, packet.wirePackets(), packet.wireBytes());
        leaveState(recording, replies);
        return PASS;
    }

    /** Lets a frame that passed both scopes begin its flow and pay this scope's limit. */
    int settle(@Nullable ScopePolicy policy, Packet packet, long nowNanos) {
        if (policy == null) {
            return PASS;
        }
        FlowRecording recording = packet.recording();
        TokenBucket limit = in ? policy.inLimit() : policy.outLimit();
        if (limit != null) {
            markUncacheable(recording); // every packet pays
            if (!limit.admit(packet, nowNanos)) {
                return LIMITED;
            }
        }
        if (opens) {
            if (!tracker.open(packet)) {
                return FULL;
            }
            leaveState(recording, policy.replies());
        }
        return PASS;
    }

    /** Later packets of the flow will be established, as long as its state stays as it is. */
    private void leaveState(@Nullable FlowRecording recording, @Nullable Hits replies) {
        if (recording != null && replies != null) {
            tracker.leave(recording);
            recording.count(replies.of(share.worker));
        }
    }

    /** Later packets of the flow will meet the same rule, unless that looks at more than the flow. */
    private void leaveRule(@Nullable FlowRecording recording, RuleList rules, RuleList.@Nullable Entry entry) {
        if (recording == null) {
            return;
        }
        boolean limits = entry != null && entry.limit() != null;
        if (opens) {
            if (limits || (rules.limits() && rules.looksBeyondFlows())) {
                recording.markUncacheable(); // every packet pays, or may have to
            }
            return;
        }
        if (rules.looksBeyondFlows() || limits || (entry != null && entry.rule().logEvery() > 0)) {
            recording.markUncacheable();
        }
        recording.count((entry == null ? rules.defaultHits() : entry.hits()).of(share.worker));
    }

    private static void markUncacheable(@Nullable FlowRecording recording) {
        if (recording != null) {
            recording.markUncacheable();
        }
    }

    private int check(RuleList rules, Packet packet, long nowNanos) {
        if (!share.fields.read(packet)) {
            return UNREADABLE;
        }
        int at = rules.find(share.fields);
        leaveRule(packet.recording(), rules, at == Matcher.NONE ? null : rules.entry(at));
        if (at == Matcher.NONE) {
            rules.defaultHits().add(share.worker, packet.wirePackets(), packet.wireBytes());
            return rules.allowsByDefault() ? PASS : DEFAULT;
        }
        return meet(rules.entry(at), packet, nowNanos);
    }

    /** Counts a frame that has met a rule, logs some of them, and returns the treatment of the frame. */
    private int meet(RuleList.Entry entry, Packet packet, long nowNanos) {
        int segments = packet.wirePackets();
        long before = entry.hits().add(share.worker, segments, packet.wireBytes());
        int verdict = verdict(entry, packet, nowNanos);
        int logEvery = entry.rule().logEvery();
        if (logEvery > 0 && (before == 0 || before / logEvery != (before + segments) / logEvery)) {
            share.log.offer(entry.rule(), in, verdict == PASS, packet, share.fields);
        }
        return verdict;
    }

    private static int verdict(RuleList.Entry entry, Packet packet, long nowNanos) {
        TokenBucket limit = entry.limit();
        if (limit != null) {
            return limit.admit(packet, nowNanos) ? PASS : LIMITED;
        }
        return entry.rule().action() == Action.DENY ? DENIED : PASS;
    }
}
