package dev.peregrine.dataplane.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The policy of all ports and segments at one time. Immutable: a worker reads one snapshot for a whole batch. */
public final class PolicySnapshot {
    /** No policy anywhere. */
    public static final PolicySnapshot EMPTY = new PolicySnapshot(new ScopePolicy[0], new ScopePolicy[0]);

    private final @Nullable ScopePolicy[] ports;
    private final @Nullable ScopePolicy[] segments;
    private final boolean checksIn;
    private final boolean checksOut;
    private final boolean logs;

    private PolicySnapshot(@Nullable ScopePolicy[] ports, @Nullable ScopePolicy[] segments) {
        this.ports = ports;
        this.segments = segments;
        boolean in = false;
        boolean out = false;
        boolean log = false;
        for (ScopePolicy segment : segments) {
            in |= segment != null && segment.checksIn();
            out |= segment != null && segment.checksOut();
            log |= segment != null && segment.logs();
        }
        for (ScopePolicy port : ports) {
            log |= port != null && port.logs();
        }
        checksIn = in;
        checksOut = out;
        logs = log;
    }

    /** The policy of a local port; null when it has none. */
    public @Nullable ScopePolicy port(int port) {
        return port >= 0 && port < ports.length ? ports[port] : null;
    }

    /** The policy of a segment; null when it has none. */
    public @Nullable ScopePolicy segment(int segment) {
        return segment >= 0 && segment < segments.length ? segments[segment] : null;
    }

    /** Whether some segment has rules for frames that enter. */
    boolean checksIn() {
        return checksIn;
    }

    /** Whether some segment has rules for frames that leave. */
    boolean checksOut() {
        return checksOut;
    }

    /** Whether some rule logs frames that meet it. */
    public boolean logs() {
        return logs;
    }

    /** This snapshot with another policy for a port. */
    public PolicySnapshot withPort(int port, @Nullable ScopePolicy policy) {
        return new PolicySnapshot(replaced(ports, port, policy), segments);
    }

    /** This snapshot with another policy for a segment. */
    public PolicySnapshot withSegment(int segment, @Nullable ScopePolicy policy) {
        return new PolicySnapshot(ports, replaced(segments, segment, policy));
    }

    private static @Nullable ScopePolicy[] replaced(
            @Nullable ScopePolicy[] policies, int index, @Nullable ScopePolicy policy) {
        @Nullable ScopePolicy[] copy = Arrays.copyOf(policies, Math.max(policies.length, index + 1));
        copy[index] = policy;
        return copy;
    }
}
