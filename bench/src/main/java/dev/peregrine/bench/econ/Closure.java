package dev.peregrine.bench.econ;

import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.policy.RuleSets;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;

/** A change of tables after which the traffic reaches its destination no more, and the change back. */
record Closure(Runnable close, Runnable open) {
    private static final int PORT = 0;
    private static final int SEGMENT = 0;
    private static final int RULES = 100;

    /** The port's last rule lets the traffic pass, or there is no such rule. */
    static Closure byRule(Devices devices) {
        int workers = devices.policy().workers();
        RuleList allowing = RuleList.of(RuleSets.of(RULES, 1), false, workers, null, System.nanoTime());
        RuleList denying = allowing.without(allowing.size() - 1);
        Closure closure = new Closure(() -> publish(devices, denying), () -> publish(devices, allowing));
        closure.open.run();
        return closure;
    }

    private static void publish(Devices devices, RuleList out) {
        devices.policy().publish(PolicySnapshot.EMPTY.withPort(PORT, ScopePolicy.of(null, out)));
    }

    /** The destination's MAC address is at the port, or behind the VTEP that the traffic comes from. */
    static Closure byMove(Devices devices) {
        return new Closure(() -> place(devices, devices.tunnelPort()), () -> place(devices, PORT));
    }

    private static void place(Devices devices, int port) {
        devices.fdb().add(SEGMENT, Devices.LOCAL_MAC, port, false, System.nanoTime());
    }
}
