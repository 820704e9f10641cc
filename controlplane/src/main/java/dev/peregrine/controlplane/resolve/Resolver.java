package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.HeldClaim.Leaving;
import dev.peregrine.controlplane.resolve.report.Claimed;
import dev.peregrine.controlplane.resolve.report.Claimed.Standing;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the tables are to have: claims of planes and what is local go in, {@link TableChanges} come out, and
 * each plane is told what to announce.
 *
 * <p>For a station the order is: static and ports, planes in the order of the VNI, what is learned. Within a plane a
 * claim that stands beats one that was withdrawn and still counts; then come sticky, the higher sequence, the lower
 * VTEP (RFC 7432 section 15.1). An address of a VNI is that of the station that wins by the same order. The result
 * depends on what is claimed, not on the order in which it came; what does not change the result is no change.
 *
 * <p>One thread calls every method. There is no clock: events happen at the time of the last {@link #tick} or {@link
 * #time}. The caller says what time it is, hands over what has come, then calls {@code tick} and {@link #drain}, and
 * comes back when they say so.
 */
public final class Resolver {
    /** After which time what a table did not take is offered again. */
    public static final long RETRY_NANOS = 1_000_000_000L;

    /** Claims that one tick removes at most because a plane or a VNI has gone, and entries of a VNI that it visits. */
    private static final int SLICE = 200;

    private final Map<String, PlaneClaims> planes = new LinkedHashMap<>();

    /** Planes that have gone, whose claims are still to go. */
    private final ArrayDeque<PlaneClaims> leaving = new ArrayDeque<>();

    private final ResolverSettings settings;
    private final ResolverEvents events;
    private final Model model;
    private final Mobility mobility;
    private final Announcer announcer;
    private final Teller teller;
    private int added;

    /**
     * A resolver without planes and VNIs, which publishes nothing.
     *
     * @param own this gateway's address on the underlay, whose family is that of all VTEPs
     * @param node name of the host, for people
     * @param instance differs from start to start
     */
    public Resolver(IpAddress own, String node, String instance, ResolverSettings settings, ResolverEvents events) {
        this.settings = settings;
        this.events = events;
        model = new Model(own, ThreadLocalRandom.current().nextLong());
        announcer = new Announcer(model, node, instance, planes.values());
        mobility = new Mobility(model, settings, events, announcer);
        teller = new Teller(model, mobility);
    }

    /**
     * Adds a plane, or sets an existing one's limits, by which all that it claimed is judged again.
     *
     * @param plane is told what to announce and when to read its picture again
     * @return where the plane reports to, on the resolver's thread: see {@link dev.peregrine.controlplane.FeedQueue}
     */
    public Feed plane(PlaneSettings limits, ControlPlane plane) {
        PlaneClaims existing = planes.get(limits.name());
        if (existing != null && existing.plane.equals(plane)) {
            existing.judgeAgain(limits);
            return existing;
        }
        planeGone(limits.name());
        PlaneClaims claims = new PlaneClaims(added++, limits, plane, model, settings, events);
        claims.isAnnouncementDue = true;
        planes.put(limits.name(), claims);
        return claims;
    }

    /** Forgets a plane and all that it claimed, without delay. Its feed has no effect any more. */
    public void planeGone(String name) {
        PlaneClaims plane = planes.remove(name);
        if (plane == null) return;
        plane.gone();
        leaving.add(plane);
        for (VniState vni : model.vnis.values()) {
            if (!vni.listensTo(plane)) continue;
            List<PlaneClaims> others = new ArrayList<>(vni.planes);
            others.remove(plane);
            vni.planes = List.copyOf(others); // the order of the others is as it was
            if (others.isEmpty()) mobility.forgetLocals(vni);
            model.changed(vni);
        }
    }

    /**
     * Sets which planes a VNI listens to and announces itself by, the first one wins. Planes that are new to the VNI
     * are asked for their picture again, since what they said about it was refused. An empty list ends the VNI: what it
     * has because of planes goes without delay, and what is local there is forgotten.
     *
     * @param announceLearned whether {@link Local#LEARNED} MACs are announced that no plane has claimed
     * @param announceLimit how many of these at most
     * @throws IllegalArgumentException when there is no plane of a name
     */
    public void vni(int vni, List<String> names, boolean announceLearned, int announceLimit) {
        List<PlaneClaims> listed = new ArrayList<>(names.size());
        for (String name : names) {
            PlaneClaims plane = planes.get(name);
            if (plane == null) throw new IllegalArgumentException("there is no control plane '" + name + "'");
            listed.add(plane);
        }
        VniState state = model.addVni(vni);
        state.announcesLearned = announceLearned;
        state.announceLimit = announceLimit;
        for (PlaneClaims plane : listed) {
            if (!state.listensTo(plane) && plane.state() != PlaneState.CONNECTING) plane.plane.resync();
        }
        setPlanes(state, listed);
    }

    private void setPlanes(VniState vni, List<PlaneClaims> listed) {
        announcer.changed(vni);
        vni.planes = List.copyOf(listed);
        announcer.changed(vni);
        Consumer<Station> ofStation = station -> {
            for (HeldClaim.OfStation claim = station.claims; claim != null; claim = claim.nextOfStation) {
                dropUnlessListed(vni, claim);
            }
            model.changed(station); // the order of planes may be another
        };
        model.walks.add(vni.new Walk(ofStation, model::changed));
        vni.members.values().forEach(member -> dropUnlessListed(vni, member));
        if (listed.isEmpty()) mobility.forgetLocals(vni);
        model.changed(vni);
    }

    private static void dropUnlessListed(VniState vni, HeldClaim claim) {
        PlaneClaims plane = claim.claimant.plane;
        if (!vni.listensTo(plane)) plane.drop(claim);
    }

    /** Whether anything is announced: once the gateway is ready, and not any more when it ends. */
    public void publish(boolean published) {
        announcer.publish(published);
    }

    /**
     * A MAC is at a local port, or has a static entry. Repeated when {@code why} or the addresses change, or when it
     * was learned at another local port. Without effect in a VNI that listens to no plane.
     *
     * @param addresses to announce with it; empty for learned ones
     */
    public void localAppeared(int vni, long mac, Local why, List<IpAddress> addresses) {
        VniState state = model.vni(vni);
        if (state != null && !state.planes.isEmpty()) mobility.appeared(state, mac, why, addresses);
    }

    /** A MAC that {@link #localAppeared} named is not local any more for this reason. */
    public void localGone(int vni, long mac, Local why) {
        VniState state = model.vni(vni);
        if (state != null) mobility.gone(state, mac, why);
    }

    /** Whether a plane claims the MAC, so that it is worth telling when it was learned at a local port. */
    public boolean isClaimed(int vni, long mac) {
        Station station = station(vni, mac);
        return station != null && station.claims != null;
    }

    private @Nullable Station station(int vni, long mac) {
        VniState state = model.vni(vni);
        return state == null ? null : state.stations.get(mac, 0);
    }

    /** Sets the time of what is told next: the last {@link #tick} may have been long ago. Due work waits for one. */
    public void time(long nanos) {
        model.now = nanos;
    }

    /**
     * Sets the time and does what is due: delays end, planes are told what to announce.
     *
     * @param nanos of a clock that never goes back, such as {@link System#nanoTime}
     * @return after how many nanoseconds it wants to be called again at the latest; {@link Long#MAX_VALUE} for never. 0
     *     where there is something to drain
     */
    public long tick(long nanos) {
        model.now = nanos;
        if (!leaving.isEmpty() && !leaving.element().leave()) leaving.remove();
        if (!model.walks.isEmpty() && !model.walks.element().step(SLICE)) model.walks.remove();
        removeUrgent();
        boolean isMore = !leaving.isEmpty() || !model.walks.isEmpty() || !model.urgent.isEmpty();
        long next = Math.min(mobility.tick(), isMore ? 0 : Long.MAX_VALUE);
        for (PlaneClaims plane : planes.values()) next = Math.min(next, plane.tick());
        return Math.min(next, Math.min(announcer.tick(), teller.tick()));
    }

    private void removeUrgent() {
        for (int i = 0; i < SLICE; i++) {
            Leaving leaving = model.urgent.poll();
            if (leaving == null) return;
            if (leaving.holds()) leaving.claim.claimant.plane.store.remove(leaving.claim);
        }
    }

    /**
     * Tells differences between what the tables are to have and what they were told.
     *
     * @param max stations, addresses, VNIs and VTEPs that are looked at, at most; each is one call at most
     * @return whether more can be told at once
     */
    public boolean drain(TableChanges tables, int max) {
        return teller.drain(tables, max);
    }

    /** Takes it that the tables of a VNI have nothing of what they were told, and tells all of it again. */
    public void tellAgain(int vni) {
        VniState state = model.vni(vni);
        if (state != null) teller.tellAgain(state);
    }

    /**
     * Asks a plane for its picture again.
     *
     * @param now whether the shrink guard stops waiting, and removals that it holds are made
     * @return whether there is such a plane
     */
    public boolean resync(String name, boolean now) {
        PlaneClaims plane = planes.get(name);
        if (plane == null) return false;
        if (now) plane.release();
        plane.plane.resync();
        return true;
    }

    /** Lets a frozen MAC go; returns whether it was frozen. */
    public boolean unfreeze(int vni, long mac) {
        Station station = station(vni, mac);
        return station != null && mobility.unfreeze(station);
    }

    /**
     * Takes what a plane claimed just now, between {@code begin} and {@code complete}, for its last picture of an
     * earlier run, which held until a time before now. The plane counts as away since then.
     */
    public void restored(String name, long agoNanos) {
        PlaneClaims plane = planes.get(name);
        if (plane != null && plane.state() != PlaneState.LIVE) plane.away(model.now - agoNanos);
    }

    /**
     * Whether every plane that can be reached has said, since it was told what to publish, that it holds nothing of
     * this gateway: after {@code publish(false)} all is withdrawn then.
     */
    public boolean isWithdrawn() {
        return planes.values().stream().allMatch(PlaneClaims::isWithdrawn);
    }

    /** That nothing of this gateway is to be published. */
    public LocalState nothing() {
        return announcer.state(null);
    }

    /** Whether a plane can be told something, as far as it has said. */
    public boolean isReached(String name) {
        PlaneClaims plane = planes.get(name);
        return plane != null && plane.isReached();
    }

    /** The state that a plane is to publish at present; empty where there is no such plane. */
    public LocalState announcement(String name) {
        return announcer.state(planes.get(name));
    }

    /** All planes, in the order in which they were added. */
    public List<PlaneStatus> planes() {
        return planes.values().stream().map(plane -> plane.status(model.now)).toList();
    }

    /** Changes when a claim of a plane does; 0 where there is no such plane. */
    public long revision(String name) {
        PlaneClaims plane = planes.get(name);
        return plane == null ? 0 : plane.revision;
    }

    /** The VTEPs that a plane names. */
    public List<IpAddress> vteps(String name) {
        PlaneClaims plane = planes.get(name);
        return plane == null ? List.of() : plane.store.addresses();
    }

    /** Visits all that a plane claims in the name of a VTEP, memberships before stations. */
    public void claims(String name, IpAddress vtep, Consumer<Claim> visitor) {
        PlaneClaims plane = planes.get(name);
        if (plane != null) plane.store.forEach(vtep, held -> visitor.accept(held.claim()));
    }

    /** Visits every claim. */
    public void claims(Consumer<Claimed> visitor) {
        for (PlaneClaims plane : planes.values()) {
            for (HeldClaim held : plane.store.all()) visitor.accept(claimed(held));
        }
    }

    /** The claimants of one MAC in a VNI. */
    public List<Claimed> claims(int vni, long mac) {
        List<Claimed> claims = new ArrayList<>();
        VniState state = model.vni(vni);
        if (state != null) claims(state, mac, claims::add);
        return claims;
    }

    /** Visits the claimants of one MAC in all VNIs. */
    public void claims(long mac, Consumer<Claimed> visitor) {
        for (VniState vni : model.vnis.values()) claims(vni, mac, visitor);
    }

    private static void claims(VniState vni, long mac, Consumer<Claimed> visitor) {
        Station station = vni.stations.get(mac, 0);
        HeldClaim.OfStation claim = station == null ? null : station.claims;
        for (; claim != null; claim = claim.nextOfStation) visitor.accept(claimed(claim));
    }

    private static Claimed claimed(HeldClaim held) {
        Standing standing = held instanceof HeldClaim.OfStation ofStation ? standing(ofStation) : Standing.WINS;
        return new Claimed(held.claimant.plane.name(), held.claim(), standing, !held.stands());
    }

    private static Standing standing(HeldClaim.OfStation claim) {
        Station station = claim.station;
        if (station.winner == claim) return Standing.WINS;
        if (station.moves != null && station.moves.isFrozen) return Standing.FROZEN;
        if (station.local == null) return Standing.LOSES;
        return station.local.is(Local.PORT) || station.local.is(Local.LEARNED) ? Standing.CONFLICTS : Standing.STATIC;
    }

    /** How often a MAC was found at another place than before. */
    public long moves() {
        return mobility.moves();
    }

    /** How often a MAC was found to be in two places. */
    public long duplicates() {
        return mobility.duplicates();
    }
}
