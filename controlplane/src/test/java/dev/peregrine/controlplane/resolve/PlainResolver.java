package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.vxlan.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rules of {@link Resolver}, by looking at everything each time. */
final class PlainResolver {
    static final List<String> PLANES = List.of("p", "q");

    static final ResolverSettings SETTINGS = new ResolverSettings(
            Duration.ofSeconds(1),
            Duration.ofMinutes(10),
            Duration.ofSeconds(3),
            5,
            Duration.ofSeconds(180),
            false,
            Duration.ZERO);

    private static final long WITHDRAW = SETTINGS.withdrawDelay().toNanos();
    private static final long HOLD = SETTINGS.hold().toNanos();
    private static final long SETTLE = SETTINGS.shrinkHold().toNanos();
    private static final long SETTLE_IN_ALL = 4 * SETTLE;

    private final List<Plane> planes = List.of(new Plane(), new Plane());

    /** MACs of ports and static entries, by the key of {@link RecordedTables#station}. */
    private final Set<String> locals = new HashSet<>();

    private long now;

    private static final class Held {
        Claim claim;

        @Nullable
        Long withdrawn;

        Held(Claim claim) {
            this.claim = claim;
        }
    }

    private static final class Plane {
        final Map<Claim.Key, Held> claims = new HashMap<>();
        PlaneState state = PlaneState.CONNECTING;

        @Nullable
        Long away;

        /** Since when it is live after an outage; withdrawn claims wait until it has been so for a while. */
        @Nullable
        Long returned;

        /** How long it was live before, if it came and went. */
        long lived;
    }

    private record Best(int plane, Held held, Claim.Station station) {}

    void tick(long time) {
        now = time;
        for (Plane plane : planes) {
            if (plane.state == PlaneState.LIVE) {
                if (isSettled(plane)) plane.returned = null;
                plane.claims
                        .values()
                        .removeIf(held ->
                                held.withdrawn != null && now - held.withdrawn >= WITHDRAW && plane.returned == null);
            } else if (plane.away != null && now - plane.away >= HOLD) {
                plane.claims.clear();
                plane.away = null;
            }
        }
    }

    private boolean isSettled(Plane plane) {
        if (plane.returned == null) return true;
        long live = now - plane.returned;
        return live >= SETTLE || plane.lived + live >= SETTLE_IN_ALL;
    }

    void claim(int plane, Claim claim) {
        planes.get(plane).claims.put(claim.key(), new Held(claim));
    }

    void withdraw(int plane, Claim.Key key) {
        Held held = planes.get(plane).claims.get(key);
        if (held != null && held.withdrawn == null) held.withdrawn = now;
    }

    void picture(int plane, List<Claim> claims) {
        Set<Claim.Key> keys = new HashSet<>();
        for (Claim claim : claims) {
            claim(plane, claim);
            keys.add(claim.key());
        }
        for (Claim.Key key : planes.get(plane).claims.keySet()) if (!keys.contains(key)) withdraw(plane, key);
    }

    void state(int index, PlaneState state) {
        Plane plane = planes.get(index);
        if (plane.state == PlaneState.LIVE && state != PlaneState.LIVE && plane.returned != null) {
            if (isSettled(plane)) plane.returned = null;
            else plane.lived += now - plane.returned;
        }
        plane.state = state;
        if (state == PlaneState.LIVE && plane.away != null) {
            if (plane.returned == null) plane.lived = 0;
            plane.returned = now;
        }
        if (state == PlaneState.LIVE) plane.away = null;
        else if (plane.away == null && !plane.claims.isEmpty()) plane.away = now;
    }

    void local(int vni, long mac, boolean isThere) {
        if (isThere) locals.add(RecordedTables.station(vni, mac));
        else locals.remove(RecordedTables.station(vni, mac));
    }

    PlaneState stateOf(int plane) {
        return planes.get(plane).state;
    }

    boolean isLeaving(int plane) {
        return planes.get(plane).claims.values().stream().anyMatch(held -> held.withdrawn != null);
    }

    List<Claim> standing(int plane) {
        return planes.get(plane).claims.values().stream()
                .map(held -> held.claim)
                .toList();
    }

    /** In VNI 1 the first plane wins, in VNI 2 the second one. */
    private static int rank(int vni, int plane) {
        return vni == 1 ? plane : 1 - plane;
    }

    private static final Comparator<Best> ORDER = Comparator.<Best>comparingInt(
                    best -> rank(best.station.vni(), best.plane))
            .thenComparing(best -> best.held.withdrawn != null)
            .thenComparing(best -> !best.station.sticky())
            .thenComparing(best -> Integer.toUnsignedLong(best.station.sequence()), Comparator.reverseOrder())
            .thenComparing(best -> best.station.vtep())
            .thenComparingLong(best -> best.station.mac());

    /** As {@link RecordedTables#text}. */
    String text() {
        RecordedTables tables = new RecordedTables();
        Map<String, Best> winners = new TreeMap<>();
        Map<String, Set<IpAddress>> members = new TreeMap<>();
        Map<IpAddress, Integer> vteps = new HashMap<>();
        for (int plane = 0; plane < 2; plane++) {
            for (Held held : planes.get(plane).claims.values()) {
                vteps.putIfAbsent(held.claim.key().vtep(), plane);
                if (held.claim instanceof Claim.Member member && member.flood()) {
                    members.computeIfAbsent("members " + member.vni(), key -> new TreeSet<>())
                            .add(member.vtep());
                }
                if (!(held.claim instanceof Claim.Station station)) continue;
                String key = RecordedTables.station(station.vni(), station.mac());
                if (locals.contains(key)) continue;
                winners.merge(key, new Best(plane, held, station), (a, b) -> ORDER.compare(a, b) <= 0 ? a : b);
            }
        }
        vteps.forEach((vtep, plane) -> tables.vteps.put(vtep.toString(), PLANES.get(plane) + " " + node(vtep, plane)));
        members.forEach((key, list) -> tables.members.put(key, new ArrayList<>(list)));
        winners.forEach((key, best) -> tables.stations.put(
                key,
                RecordedTables.entry(
                        best.station.vtep(), PLANES.get(best.plane), best.station.sequence(), best.station.sticky())));
        addresses(winners.values())
                .forEach((key, best) ->
                        tables.neighbours.put(key, AddressText.mac(best.station.mac()) + " " + PLANES.get(best.plane)));
        return tables.text();
    }

    private String node(IpAddress vtep, int plane) {
        Held held = planes.get(plane).claims.get(new Claim.VtepKey(vtep));
        return held == null ? "" : ((Claim.Vtep) held.claim).node();
    }

    private static Map<String, Best> addresses(Iterable<Best> winners) {
        Map<String, Best> best = new TreeMap<>();
        for (Best winner : winners) {
            for (IpAddress address : winner.station.addresses()) {
                String key = winner.station.vni() + " " + address;
                best.merge(key, winner, (a, b) -> ORDER.compare(a, b) <= 0 ? a : b);
            }
        }
        return best;
    }
}
