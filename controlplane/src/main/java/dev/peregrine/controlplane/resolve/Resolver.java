package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.vxlan.IpAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decides what the tables are to have: claims of planes and what is local go in, {@link TableChanges} come out, and each
 * plane is told what to announce.
 *
 * <p>For a station the order is: static and ports, planes in the order of the VNI, what is learned. Within a plane a claim
 * that stands beats one that was withdrawn and still counts; then come sticky, the higher sequence, the lower VTEP (RFC
 * 7432 section 15.1). An address of a VNI is that of the station that wins by the same order. The result depends on what
 * is claimed, not on the order in which it came; what does not change the result is no change.
 *
 * <p>One thread calls every method. There is no clock: events happen at the time of the last {@link #tick}.
 */
public final class Resolver {
    /** After which time what a table did not take is offered again. */
    public static final long RETRY_NANOS = 1_000_000_000L;

    /**
     * A resolver without planes and VNIs, which publishes nothing.
     *
     * @param own this gateway's address on the underlay, whose family is that of all VTEPs
     * @param node name of the host, for people
     * @param instance differs from start to start
     */
    public Resolver(IpAddress own, String node, String instance, ResolverSettings settings, ResolverEvents events) {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds a plane, or sets an existing one's limits, by which all that it claimed is judged anew.
     *
     * @param plane is told what to announce and when to read its picture again
     * @return where the plane reports to, on the resolver's thread: see {@link dev.peregrine.controlplane.FeedQueue}
     */
    public Feed plane(PlaneSettings settings, ControlPlane plane) {
        throw new UnsupportedOperationException();
    }

    /** Forgets a plane and all that it claimed, without delay. Its feed has no effect any more. */
    public void planeGone(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets which planes a VNI listens to and announces itself by, the first one wins. Planes that are new to the VNI are
     * asked for their picture again, since what they said about it was refused. An empty list ends the VNI: what it has
     * because of planes goes without delay, and what is local there is forgotten.
     *
     * @param announceLearned whether {@link Local#LEARNED} MACs are announced that no plane has claimed
     * @param announceLimit how many of these at most
     */
    public void vni(int vni, List<String> planes, boolean announceLearned, int announceLimit) {
        throw new UnsupportedOperationException();
    }

    /** Whether anything is announced: once the gateway is ready, and not any more when it ends. */
    public void publish(boolean published) {
        throw new UnsupportedOperationException();
    }

    /**
     * A MAC is at a local port, or has a static entry. Repeated when {@code why} or the addresses change, or when it was
     * learned at another local port.
     *
     * @param addresses to announce with it; empty for learned ones
     */
    public void localAppeared(int vni, long mac, Local why, List<IpAddress> addresses) {
        throw new UnsupportedOperationException();
    }

    /** A MAC that {@link #localAppeared} named is not local any more for this reason. */
    public void localGone(int vni, long mac, Local why) {
        throw new UnsupportedOperationException();
    }

    /** Whether a plane claims the MAC, so that it is worth telling when it was learned at a local port. */
    public boolean isClaimed(int vni, long mac) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets the time and does what is due: delays end, planes are told what to announce.
     *
     * @param nanos of a clock that never goes back, such as {@link System#nanoTime}
     * @return after how many nanoseconds it wants to be called again at the latest; {@link Long#MAX_VALUE} for never
     */
    public long tick(long nanos) {
        throw new UnsupportedOperationException();
    }

    /**
     * Tells differences between what the tables are to have and what they were told.
     *
     * @param max calls of {@code tables} at most
     * @return whether more is left
     */
    public boolean drain(TableChanges tables, int max) {
        throw new UnsupportedOperationException();
    }

    /** Takes it that the tables of a VNI have nothing of what they were told, and tells all of it again. */
    public void tellAgain(int vni) {
        throw new UnsupportedOperationException();
    }

    /**
     * Asks a plane for its picture again.
     *
     * @param now whether the shrink guard stops waiting, and removals that it holds are made
     * @return whether there is such a plane
     */
    public boolean resync(String plane, boolean now) {
        throw new UnsupportedOperationException();
    }

    /** Lets a frozen MAC go; returns whether it was frozen. */
    public boolean unfreeze(int vni, long mac) {
        throw new UnsupportedOperationException();
    }

    /** What a plane is to publish at present; {@link LocalState#nothing} where there is no such plane. */
    public LocalState announcement(String plane) {
        throw new UnsupportedOperationException();
    }

    /** All planes, in the order in which they were added. */
    public List<PlaneStatus> planes() {
        throw new UnsupportedOperationException();
    }

    /** Visits every claim. */
    public void claims(Consumer<Claimed> visitor) {
        throw new UnsupportedOperationException();
    }

    /** The claimants of one MAC in a VNI. */
    public List<Claimed> claims(int vni, long mac) {
        throw new UnsupportedOperationException();
    }
}
