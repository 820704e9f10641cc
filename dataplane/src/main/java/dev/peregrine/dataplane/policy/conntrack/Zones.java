package dev.peregrine.dataplane.policy.conntrack;

import dev.peregrine.dataplane.packet.Packet;

/**
 * The zones of {@link FlowTracker}. A port has one: of a flow, one direction enters by it and the other leaves. Of a
 * segment both directions enter and leave, so it has two: a flow that was let enter is not thereby let leave.
 */
public final class Zones {
    private static final int FIRST_SEGMENT = 1 << 24;

    private Zones() {}

    /** The port that a zone is of; {@link Packet#NO_PORT} when it is a segment's. */
    static int port(int zone) {
        return zone >= FIRST_SEGMENT ? Packet.NO_PORT : zone;
    }

    /** The zone of a port's own policy. */
    public static int ofPort(int port) {
        return port;
    }

    /** The zone of a segment's policy, in or out. */
    public static int ofSegment(int segment, boolean in) {
        return FIRST_SEGMENT + 2 * segment + (in ? 0 : 1);
    }
}
