package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.resolve.Station.LocalMac;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of this gateway that planes are to publish. Changes within {@link #PAUSE} go out together; learned MACs
 * that no plane has claimed go out at most 100 a second.
 */
final class Announcer {
    private static final long PAUSE = 20_000_000L;
    private static final long BETWEEN_LEARNED = 10_000_000L;

    private final Model model;
    private final String node;
    private final String instance;
    private final Collection<PlaneClaims> planes;

    /** Learned MACs whose turn has not come. */
    private final ArrayDeque<Station> waiting = new ArrayDeque<>();

    private long learnedAt;
    private boolean isPublished;
    private boolean wasPublished;

    Announcer(Model model, String node, String instance, Collection<PlaneClaims> planes) {
        this.model = model;
        this.node = node;
        this.instance = instance;
        this.planes = planes;
    }

    void publish(boolean published) {
        if (published == isPublished) return;
        isPublished = published;
        wasPublished |= published;
        for (PlaneClaims plane : planes) plane.isAnnouncementDue = true;
    }

    /** The state that the planes of a VNI are to publish has changed; while that is nothing, it stays so. */
    void changed(VniState vni) {
        if (!isPublished) return; // a plane that is told the same again may not answer
        for (PlaneClaims plane : vni.planes) plane.isAnnouncementDue = true;
    }

    /** A station is local, now or once more. */
    void appeared(Station station, LocalMac local, boolean isFrozen) {
        if (isFrozen) return;
        if (local.is(Local.PORT) || local.sequence != 0 || station.claims != null) {
            local.isAnnounced = true;
            changed(station.vni);
        } else if (!local.isAnnounced && mayAnnounce(station.vni)) {
            station.vni.announcedLearned++;
            local.isCounted = true;
            waiting.add(station);
        }
    }

    private static boolean mayAnnounce(VniState vni) {
        return vni.announcesLearned && vni.announcedLearned < vni.announceLimit;
    }

    void gone(Station station, LocalMac local) {
        if (local.isCounted) station.vni.announcedLearned--;
        local.isCounted = false;
        if (local.isAnnounced) changed(station.vni);
        local.isAnnounced = false;
    }

    /** Tells planes what is due; returns in how many nanoseconds more will be. */
    long tick() {
        takeWaiting();
        long next = waiting.isEmpty() ? Long.MAX_VALUE : BETWEEN_LEARNED;
        for (PlaneClaims plane : planes) {
            if (!plane.isAnnouncementDue || !wasPublished) continue;
            long left = plane.hasAnnounced ? PAUSE - (model.now - plane.announcedAt) : 0;
            if (left > 0) {
                next = Math.min(next, left);
                continue;
            }
            plane.isAnnouncementDue = false;
            plane.hasAnnounced = true;
            plane.announcedAt = model.now;
            plane.answersBefore = plane.counts.answers();
            plane.plane.announce(state(plane));
        }
        return next;
    }

    private void takeWaiting() {
        if (waiting.isEmpty()) {
            learnedAt = model.now;
            return;
        }
        while (model.now - learnedAt >= BETWEEN_LEARNED) {
            Station station = waiting.poll();
            if (station == null) return;
            LocalMac local = station.local;
            if (local == null || !local.isCounted || local.isAnnounced) continue;
            local.isAnnounced = true;
            changed(station.vni);
            learnedAt += BETWEEN_LEARNED;
        }
    }

    LocalState state(@Nullable PlaneClaims plane) {
        if (!isPublished || plane == null) return LocalState.nothing(model.own, node, instance);
        List<Claim.Member> members = new ArrayList<>();
        List<Claim.Station> stations = new ArrayList<>();
        for (VniState vni : model.vnis.values()) {
            if (!vni.listensTo(plane)) continue;
            members.add(new Claim.Member(vni.vni, model.own, true));
            for (Station station : vni.locals) {
                LocalMac local = station.local;
                if (local == null || !local.isAnnounced) continue;
                stations.add(
                        new Claim.Station(vni.vni, station.mac, model.own, local.sequence, false, local.addresses));
            }
        }
        return new LocalState(model.own, node, instance, true, members, stations);
    }
}
