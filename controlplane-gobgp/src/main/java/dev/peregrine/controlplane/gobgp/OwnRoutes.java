package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.vxlan.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The routes of this gateway: those that gobgpd is to have, and those that it has, told by their route distinguisher,
 * which is the gateway's address and a number for each VNI. The difference is what is to be done. One thread.
 */
final class OwnRoutes {
    private static final int RD_NUMBERS = 0x1_0000;

    private final Map<Route.Key, Route> wanted = new LinkedHashMap<>();
    private final Map<Route.Key, Route> present = new HashMap<>();
    /** Destinations that may differ. */
    private final Set<Route.Key> due = new LinkedHashSet<>();
    /** Destinations that somebody else changed, or that gobgpd refused. */
    private final Set<Route.Key> later = new LinkedHashSet<>();
    /** Sequences that gobgpd insists on, by VNI and MAC address. */
    private final Map<Place, Integer> raised = new HashMap<>();

    private String prefix = "";

    /** A MAC address in a VNI. */
    private record Place(int vni, long mac) {}

    /** Whether the gateway's address is another one, so that what gobgpd has of it must be read. */
    boolean isNew(LocalState state) {
        return !prefix.equals(state.vtep() + ":");
    }

    /** Sets what is to be there, in an autonomous system. */
    void want(LocalState state, long as) {
        prefix = state.vtep() + ":";
        wanted.clear();
        if (state.published()) {
            Map<Integer, String> rds = distinguishers(state.members());
            state.members().forEach(member -> want(member, rds, as));
            state.stations().forEach(station -> want(station, rds, as));
        }
        raised.keySet().removeIf(place -> wanted.values().stream().noneMatch(route -> isOf(route, place)));
        due.addAll(wanted.keySet());
        due.addAll(present.keySet());
        due.removeIf(this::isRight);
        later.removeIf(this::isRight);
    }

    private static boolean isOf(Route route, Place place) {
        return route.key() instanceof Route.MacKey mac
                && mac.mac() == place.mac
                && route.targets().iterator().next().vni() == place.vni;
    }

    /**
     * The low 16 bits of the VNI, as FRR and the RFC have them; of two VNIs with the same ones, the higher takes the
     * next.
     */
    private Map<Integer, String> distinguishers(List<Claim.Member> members) {
        Map<Integer, String> rds = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        for (int vni : new TreeSet<>(members.stream().map(Claim.Member::vni).toList())) {
            int number = vni % RD_NUMBERS;
            while (!taken.add(number)) {
                number = (number + 1) % RD_NUMBERS;
            }
            rds.put(vni, prefix + number);
        }
        return rds;
    }

    private void want(Claim.Member member, Map<Integer, String> rds, long as) {
        String rd = rds.get(member.vni());
        if (rd != null && member.flood()) {
            Route.Key key = new Route.MulticastKey(rd, 0, member.vtep());
            wanted.put(key, new Route(key, member.vtep(), target(as, member.vni()), 0, false, true));
        }
    }

    private void want(Claim.Station station, Map<Integer, String> rds, long as) {
        String rd = rds.get(station.vni());
        if (rd == null) {
            return;
        }
        int insisted = raised.getOrDefault(new Place(station.vni(), station.mac()), 0);
        int sequence = Integer.compareUnsigned(insisted, station.sequence()) > 0 ? insisted : station.sequence();
        Set<Route.Target> target = target(as, station.vni());
        Set<IpAddress> addresses = new LinkedHashSet<>(station.addresses());
        put(new Route.MacKey(rd, 0, station.mac(), null), station, target, sequence);
        addresses.forEach(address -> put(new Route.MacKey(rd, 0, station.mac(), address), station, target, sequence));
    }

    private void put(Route.Key key, Claim.Station station, Set<Route.Target> target, int sequence) {
        wanted.put(key, new Route(key, station.vtep(), target, sequence, station.sticky(), false));
    }

    private static Set<Route.Target> target(long as, int vni) {
        return Set.of(new Route.Target(as & 0xffff, vni)); // four octets leave no room for the VNI
    }

    /** Whether a local route of gobgpd is this gateway's. */
    boolean isOwn(Route.Key key) {
        return !prefix.isEmpty() && key.rd().startsWith(prefix);
    }

    private boolean isRight(Route.Key key) {
        Route its = wanted.get(key);
        return its == null ? !present.containsKey(key) : its.equals(present.get(key));
    }

    /** gobgpd has these of this gateway, and no others. */
    void replace(Map<Route.Key, Route> now) {
        present.clear();
        present.putAll(now);
        due.addAll(wanted.keySet());
        due.addAll(present.keySet());
        due.removeIf(this::isRight);
    }

    /** gobgpd says that it has a route of this gateway, or no longer: null. */
    void seen(Route.Key key, @Nullable Route route) {
        if (route == null) {
            present.remove(key);
        } else {
            present.put(key, route);
        }
        if (isRight(key)) {
            due.remove(key);
            later.remove(key);
        } else if (!due.contains(key)) {
            later.add(key);
        }
    }

    /** The next destination to be set right; null if there is none. */
    Route.@Nullable Key next() {
        return due.isEmpty() ? null : due.iterator().next();
    }

    /** The route that is to be at a destination; null: none. */
    @Nullable
    Route wanted(Route.Key key) {
        return wanted.get(key);
    }

    /** A destination was set right. */
    void done(Route.Key key) {
        due.remove(key);
        Route its = wanted.get(key);
        if (its == null) {
            present.remove(key);
        } else {
            present.put(key, its);
        }
    }

    /** A destination could not be set right: it is tried again after {@link #again}. */
    void failed(Route.Key key) {
        due.remove(key);
        later.add(key);
    }

    /** gobgpd insists on a sequence of at least so much for a MAC address of this gateway, in all of its routes. */
    void raise(int vni, long mac, int sequence) {
        Place place = new Place(vni, mac);
        raised.put(place, sequence);
        wanted.replaceAll((key, route) -> isOf(route, place) && Integer.compareUnsigned(sequence, route.sequence()) > 0
                ? new Route(key, route.vtep(), route.targets(), sequence, route.sticky(), route.flood())
                : route);
        wanted.forEach((key, route) -> {
            if (isOf(route, place)) {
                due.add(key);
            }
        });
        due.removeIf(this::isRight);
    }

    /** Whether anything waits for {@link #again}. */
    boolean isLater() {
        return !later.isEmpty();
    }

    /** All that waited is due. */
    void again() {
        due.addAll(later);
        later.clear();
        due.removeIf(this::isRight);
    }

    /** How many claims of this gateway gobgpd has, wanted or not: the VTEP, its VNIs, its stations. */
    int claims() {
        int count = 0;
        for (Route.Key key : present.keySet()) {
            if (!(key instanceof Route.MacKey mac && mac.address() != null)) {
                count++;
            }
        }
        return count == 0 ? 0 : count + 1;
    }
}
