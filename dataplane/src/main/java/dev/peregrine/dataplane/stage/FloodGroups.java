package dev.peregrine.dataplane.stage;

import dev.peregrine.dataplane.packet.Ports;

/**
 * The receivers of flooded frames, by group (RFC 7348 section 4.2, ingress replication): an immutable snapshot. Local
 * ports come before tunnel ports in a group.
 */
public final class FloodGroups {
    private final int[][] members;

    /** Takes over the member ports of each group, indexed by group. */
    public FloodGroups(int[][] members) {
        this.members = members;
    }

    /** Number of members of a group. */
    public int size(int group) {
        return group < members.length ? members[group].length : 0;
    }

    /** The port of member {@code index}. */
    public int port(int group, int index) {
        return members[group][index];
    }

    /** Whether a port is a member of a group. */
    public boolean has(int group, int port) {
        for (int i = 0; i < size(group); i++) {
            if (members[group][i] == port) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a frame that came in by {@code inPort} goes out by {@code outPort}: never back to its origin, and never
     * from tunnel to tunnel (split horizon).
     */
    public static boolean reaches(int inPort, int outPort) {
        return inPort != outPort && !(Ports.isTunnel(inPort) && Ports.isTunnel(outPort));
    }
}
