package dev.peregrine.dataplane.policy;

/**
 * The zones of {@link FlowTracker}. A port has one: of a flow, one direction enters by it and the other leaves. Of a
 * segment both directions enter and leave, so it has two: a flow that was let enter is not thereby let leave.
 */
final class Zones {
    private static final int FIRST_SEGMENT = 1 << 24;

    private Zones() {}

    static int ofPort(int port) {
        return port;
    }

    static int ofSegment(int segment, boolean in) {
        return FIRST_SEGMENT + 2 * segment + (in ? 0 : 1);
    }
}
