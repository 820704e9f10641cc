package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.policy.conntrack.FlowLeases;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.fastpath.FlowOffer;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import java.util.Map;

/** The states that decisions of programs rest on. Belongs to the control thread. */
final class StateLeases {
    private final FlowLeases leases;

    StateLeases(FlowStates states) {
        leases = new FlowLeases(states);
    }

    /** A decision, with the state that it rests on if there is one. */
    KernelDecision complete(KernelDecision decision, FlowOffer offer, TierFlow flow) {
        if (offer.states() == 0) {
            return decision;
        }
        long now = System.nanoTime();
        return decision.watching(
                FlowStates.word(offer.statePlace()),
                offer.stateSeen(),
                FlowLeases.DECIDING_BITS,
                flow.lease(leases, now, now));
    }

    /** Keeps states alive whose packets pass in the kernel, and ends the flows whose state has changed. */
    void renew(KernelFlows flows, Map<KernelFlow, TierFlow> all) throws LinuxException {
        long now = System.nanoTime();
        for (Map.Entry<KernelFlow, TierFlow> each : all.entrySet()) {
            KernelFlow flow = each.getKey();
            long until = each.getValue().lease(leases, flows.usedNanos(flow), now);
            if (until == 0) {
                flows.kill(flow);
            } else {
                flows.renew(flow, until);
            }
        }
    }
}
