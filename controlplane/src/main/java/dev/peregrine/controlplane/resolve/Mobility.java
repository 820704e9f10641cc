package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.resolve.Station.LocalMac;
import dev.peregrine.controlplane.resolve.Station.Moves;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a MAC is: here or behind a VTEP. Gives sequences to what is here (RFC 7432 section 7.7), and notices MACs that
 * seem to be in two places (section 15.1).
 */
final class Mobility {
    private final Model model;
    private final ResolverSettings settings;
    private final ResolverEvents events;
    private final Announcer announcer;

    /** Windows and frozen MACs, each by the time at which it began. */
    private final ArrayDeque<Timed> windows = new ArrayDeque<>();

    private final ArrayDeque<Timed> frozen = new ArrayDeque<>();
    private long moveCount;
    private long duplicateCount;

    /** A station's moves as they were at a time; void when the station has others. */
    private record Timed(Station station, Moves moves, long since) {
        boolean holds() {
            return station.moves == moves;
        }
    }

    Mobility(Model model, ResolverSettings settings, ResolverEvents events, Announcer announcer) {
        this.model = model;
        this.settings = settings;
        this.events = events;
        this.announcer = announcer;
    }

    void appeared(VniState vni, long mac, Local why, List<IpAddress> addresses) {
        Station station = model.station(vni, mac);
        LocalMac local = station.local;
        if (local == null) {
            local = new LocalMac();
            station.local = local;
            vni.locals.add(station);
        }
        boolean isNew = why != Local.STATIC && !local.is(Local.PORT) && !local.is(Local.LEARNED);
        local.reasons.add(why);
        if (isNew && !isFrozen(station)) {
            local.sequence = station.claims == null && station.highest == 0 ? 0 : station.nextSequence();
            station.sawSequence(local.sequence);
        }
        if (why == Local.PORT && !local.addresses.equals(addresses)) setAddresses(vni, local, addresses);
        if (why != Local.STATIC) announcer.appeared(station, local, isFrozen(station));
        model.changed(station);
    }

    private void setAddresses(VniState vni, LocalMac local, List<IpAddress> addresses) {
        count(vni, local.addresses, -1);
        local.addresses = List.copyOf(addresses);
        count(vni, local.addresses, 1);
    }

    /** Counts the addresses of ports, which are nobody else's. */
    private void count(VniState vni, List<IpAddress> addresses, int more) {
        for (IpAddress address : addresses) {
            Station.Address entry = model.address(vni, address);
            entry.locals = (short) (entry.locals + more);
            model.changed(entry);
        }
    }

    void gone(VniState vni, long mac, Local why) {
        Station station = vni.stations.get(mac, 0);
        if (station != null && station.local != null) forget(station, station.local, why);
    }

    private void forget(Station station, LocalMac local, Local why) {
        if (!local.is(why)) return;
        local.reasons.remove(why);
        if (why == Local.PORT) setAddresses(station.vni, local, List.of());
        if (isHere(local)) announcer.changed(station.vni);
        else announcer.gone(station, local);
        if (local.reasons.isEmpty()) {
            station.local = null;
            station.vni.locals.remove(station);
        }
        model.changed(station);
    }

    /** Forgets all that is local in a VNI. */
    void forgetLocals(VniState vni) {
        for (Station station : List.copyOf(vni.locals)) {
            for (Local why : Local.values()) gone(vni, station.mac, why);
        }
    }

    /** Decides which claim the tables follow for a station: its new {@link Station#winner}. */
    void decide(Station station) {
        if (isFrozen(station)) {
            if (station.local != null) station.winner = null;
            return;
        }
        HeldClaim.OfStation best = station.best();
        LocalMac local = station.local;
        if (local != null && best != null) {
            if (!givesWay(station, local, best)) best = null;
            local = station.local;
        }
        station.winner = best;
        IpAddress place = best != null ? best.claimant.vtep.address : local != null && isHere(local) ? model.own : null;
        if (place == null) return;
        if (station.place != null && !station.place.equals(place)) moved(station, station.place, place);
        station.place = place;
    }

    private static boolean isHere(LocalMac local) {
        return local.is(Local.PORT) || local.is(Local.LEARNED);
    }

    private static boolean isFrozen(Station station) {
        return station.moves != null && station.moves.isFrozen;
    }

    /** Whether a local MAC leaves the station to a claim. One of a port does not, and announces itself once more. */
    private boolean givesWay(Station station, LocalMac local, HeldClaim.OfStation best) {
        if (local.is(Local.PORT)) {
            if (best.stands() && !best.sticky && beats(best, local.sequence)) insist(station, local, best);
            return false;
        }
        if (local.is(Local.STATIC)) return false;
        if (!best.stands() || !(best.sticky || beats(best, local.sequence))) return false;
        forget(station, local, Local.LEARNED);
        return true;
    }

    /** Whether a claim is better than one of this gateway with a sequence. */
    private boolean beats(HeldClaim.OfStation claim, int sequence) {
        int bySequence = Integer.compareUnsigned(claim.sequence, sequence);
        return bySequence > 0 || (bySequence == 0 && claim.claimant.vtep.address.compareTo(model.own) < 0);
    }

    private void insist(Station station, LocalMac local, HeldClaim.OfStation other) {
        boolean isTired = station.moves != null && station.moves.count >= settings.duplicateMoves();
        if (isTired || local.sequence == station.nextSequence()) return;
        local.sequence = station.nextSequence();
        station.sawSequence(local.sequence);
        announcer.changed(station.vni);
        moved(station, other.claimant.vtep.address, model.own);
    }

    private void moved(Station station, IpAddress from, IpAddress to) {
        moveCount++;
        if (station.moves == null) {
            station.moves = new Moves(model.now);
            windows.add(new Timed(station, station.moves, model.now));
        }
        events.moved(station.vni.vni, station.mac, elsewhere(from), elsewhere(to));
        Moves moves = station.moves;
        if (++moves.count < settings.duplicateMoves() || moves.isDuplicate) return;
        moves.isDuplicate = true;
        duplicateCount++;
        if (settings.freeze()) {
            moves.isFrozen = true;
            if (settings.recover().isPositive()) frozen.add(new Timed(station, moves, model.now));
        }
        IpAddress other = elsewhere(to) == null ? from : to;
        events.duplicate(station.vni.vni, station.mac, moves.count, other, settings.freeze());
    }

    private @Nullable IpAddress elsewhere(IpAddress place) {
        return place.equals(model.own) ? null : place;
    }

    /** Moves of all MACs. */
    long moves() {
        return moveCount;
    }

    /** How often a MAC was found to be in two places. */
    long duplicates() {
        return duplicateCount;
    }

    /** Lets a frozen MAC go; returns whether it was frozen. */
    boolean unfreeze(Station station) {
        if (!isFrozen(station)) return false;
        station.moves = null;
        station.place = null;
        LocalMac local = station.local;
        if (local != null && isHere(local)) announcer.appeared(station, local, false);
        events.unfrozen(station.vni.vni, station.mac);
        model.changed(station);
        return true;
    }

    /** Ends windows and frosts; returns in how many nanoseconds the next one ends. */
    long tick() {
        long window = settings.duplicateWindow().toNanos();
        long recover = settings.recover().toNanos();
        Timed first;
        while ((first = windows.peek()) != null && (!first.holds() || model.now - first.since() >= window)) {
            windows.poll();
            if (!first.holds() || first.moves().isFrozen) continue;
            first.station().moves = null;
            if (first.station().local != null) model.changed(first.station());
        }
        Timed ice;
        while ((ice = frozen.peek()) != null && (!ice.holds() || model.now - ice.since() >= recover)) {
            frozen.poll();
            if (ice.holds()) unfreeze(ice.station());
        }
        long next = first == null ? Long.MAX_VALUE : window - (model.now - first.since());
        return ice == null ? next : Math.min(next, recover - (model.now - ice.since()));
    }
}
