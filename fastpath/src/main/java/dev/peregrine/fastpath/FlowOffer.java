package dev.peregrine.fastpath;

import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Precondition;
import dev.peregrine.fastpath.view.FlowEntry;

/** A flow that a worker offers to the tier below its cache, with what the chain decided. See {@link FlowOffers}. */
public final class FlowOffer {
    private final FlowKey key = new FlowKey();
    private final long[] notes = new long[FlowRecording.MAX_KEEP_ALIVES];
    private FlowAction action;
    private int inPort;
    private int outPort;
    private long since;
    private int flowHash;
    private int statePlace;
    private long stateSeen;

    /** Whether it waits for the control thread; otherwise it is the worker's. */
    volatile boolean isOffered;

    @SuppressWarnings("NullAway.Init") // what is offered has an action
    FlowOffer() {}

    /** Becomes the flow of an entry. */
    void fill(FlowDecisions flows, int entry, FlowAction itsAction, int itsFlowHash) {
        flowHash = itsFlowHash;
        key.tunnel = flows.key(entry, 0);
        key.macs = flows.key(entry, 1);
        key.rest = flows.key(entry, 2);
        key.ends = flows.key(entry, 3);
        key.address0 = flows.key(entry, 4);
        key.address1 = flows.key(entry, 5);
        key.address2 = flows.key(entry, 6);
        key.address3 = flows.key(entry, 7);
        action = itsAction;
        inPort = FlowKey.inPort(key.ends);
        outPort = (int) flows.decision(entry, FlowDecisions.WHERE);
        since = flows.decision(entry, FlowDecisions.SINCE);
        for (int i = 0; i < action.keepAlives(); i++) {
            notes[i] = flows.note(entry, i);
        }
        statePlace = flows.watchPlace(entry, 0);
        stateSeen = flows.watchSeen(entry, 0);
    }

    /** The key, which is the worker's again when the offer has been taken: copy it. */
    public FlowKey key() {
        return key;
    }

    /** The port that its packets come in by, local or tunnel. */
    public int inPort() {
        return inPort;
    }

    /** The port that they leave by. */
    public int outPort() {
        return outPort;
    }

    /** The hash that chooses its source port in the tunnel. */
    public int flowHash() {
        return flowHash;
    }

    /** The epoch before the walk that decided. */
    public long since() {
        return since;
    }

    /** Index of its segment. */
    public int segment() {
        return action.segment();
    }

    /** Bytes of the longest frame that passes, without tunnel headers. */
    public int limit() {
        return action.limit();
    }

    /** The number of states that the decision rests on, and that change with packets of the flow. */
    public int states() {
        return action.preconditions();
    }

    /** Where the first of them is, as its {@link Precondition} names it; meaningless without one. */
    public int statePlace() {
        return statePlace;
    }

    /** The value that the walk left there; 0 without one. */
    public long stateSeen() {
        return action.preconditions() == 0 ? 0 : stateSeen;
    }

    /** Its IP protocol. */
    public int protocol() {
        return (int) key.ends & 0xff;
    }

    /** Where its frames go: 48 bits. */
    public long destinationMac() {
        return key.macs >>> 16;
    }

    /** Whether its frames have a VLAN tag. */
    public boolean isTagged() {
        return FlowKey.isTagged(key.rest);
    }

    /** The flow as users see it, without packets. */
    public FlowEntry show(long nowNanos) {
        return FlowDecisions.show(key::word, action, outPort, new FlowDecisions.Use(0, 0, nowNanos), nowNanos, 0, true);
    }

    /** Where the flow's packets are counted that the worker does not see. */
    public FlowAccount account() {
        return new FlowAccount(action, notes.clone());
    }
}
