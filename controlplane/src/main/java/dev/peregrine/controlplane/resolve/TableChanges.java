package dev.peregrine.controlplane.resolve;

import dev.peregrine.vxlan.IpAddress;
import java.util.List;

/**
 * Where the resolver's decisions go: differences of what the tables are to have because of control planes. {@link
 * Resolver#drain} calls it. Within one drain VTEPs come first, and go last; so what names a VTEP always finds it.
 *
 * <p>Each method that adds says whether the table took it. A refused addition counts as not told, and is tried again
 * after {@link Resolver#RETRY_NANOS}. Removals cannot fail: what is not there is already removed.
 */
public interface TableChanges {
    /**
     * A VTEP is named by claims: datagrams from it are accepted, and it may be sent to. Repeated when {@code plane} or
     * {@code node} change.
     *
     * @param plane the plane that names it, the first by the order in which planes were added
     * @param node name of its host; may be empty
     */
    boolean vtep(IpAddress vtep, String plane, String node);

    /** No claim names a VTEP any more; nothing that was told refers to it. */
    void vtepGone(IpAddress vtep);

    /**
     * A station is behind a VTEP: a new FDB entry, or one to replace, be it learned or of a control plane. A static
     * entry stays.
     *
     * @param mac low 48 bits, first byte on the wire highest
     * @param plane whose claim won
     * @param sequence of the claim that won, unsigned
     * @param sticky whether learning does not move it
     */
    boolean station(int vni, long mac, IpAddress vtep, String plane, int sequence, boolean sticky);

    /** The FDB entry that {@link #station} made goes; an entry of another origin, which has replaced it, stays. */
    void stationGone(int vni, long mac);

    /** An address is a station's: a new neighbour, or one to replace. A configured neighbour stays. */
    boolean neighbour(int vni, IpAddress address, long mac, String plane);

    /** The neighbour that {@link #neighbour} made goes; one of another origin stays. */
    void neighbourGone(int vni, IpAddress address);

    /**
     * The VTEPs that get copies of a VNI's broadcast, unknown unicast and multicast because of control planes: all of
     * them, in ascending order, beside those that are configured. Empty when there are none any more. A table that
     * could not take all of them takes the others, and says that it did not take it.
     */
    boolean members(int vni, List<IpAddress> vteps);
}
