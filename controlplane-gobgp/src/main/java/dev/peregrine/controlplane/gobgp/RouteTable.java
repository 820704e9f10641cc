package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The routes of others, and the claims that they make: a station is what all routes of its MAC address with one VTEP
 * say together. Routes whose route targets name none of the wanted VNIs are passed over. One thread.
 */
final class RouteTable {
    private final Output output;
    private final int maxRoutes;
    private final Map<Route.Key, Route> routes = new HashMap<>();
    /** The routes that make a claim; a VTEP is claimed by its other claims. */
    private final Map<Claim.Key, Set<Route.Key>> makers = new HashMap<>();

    private final Map<Claim.Key, Claim> claims = new LinkedHashMap<>();
    private final Map<IpAddress, Integer> claimsOfVtep = new HashMap<>();
    private Set<Integer> vnis = Set.of();

    /** Is told of changes. */
    interface Output {
        /** A claim is new or has changed. */
        void claim(Claim claim);

        /** A claim has gone. */
        void vanished(Claim.Key key);
    }

    /** An empty one. Routes above {@code maxRoutes} are refused. */
    RouteTable(Output output, int maxRoutes) {
        this.output = output;
        this.maxRoutes = maxRoutes;
    }

    /** Whether these are not the VNIs whose routes are wanted. */
    boolean isOther(Set<Integer> now) {
        return !now.equals(vnis);
    }

    /** Sets the VNIs whose routes are wanted, and forgets all routes, as {@link #clear}. */
    void want(Set<Integer> now) {
        vnis = Set.copyOf(now);
        clear();
    }

    /**
     * There is a route, in place of any other to its destination. Returns false, and takes it not, where it is one too
     * many.
     */
    boolean put(Route route) {
        Route before = routes.get(route.key());
        if (route.equals(before)) {
            return true;
        }
        Set<Claim.Key> made = keys(route);
        if (made.isEmpty()) {
            remove(route.key());
            return true;
        }
        if (before == null && routes.size() >= maxRoutes) {
            return false;
        }
        routes.put(route.key(), route);
        for (Claim.Key key : made) {
            makers.computeIfAbsent(key, any -> new LinkedHashSet<>()).add(route.key());
        }
        made.forEach(this::update);
        if (before != null) {
            for (Claim.Key key : keys(before)) {
                if (!made.contains(key)) {
                    unmake(key, route.key());
                }
            }
        }
        return true;
    }

    /** A route has gone. */
    void remove(Route.Key key) {
        Route gone = routes.remove(key);
        if (gone != null) {
            keys(gone).forEach(its -> unmake(its, key));
        }
    }

    /** Forgets all routes, and tells nobody. */
    void clear() {
        routes.clear();
        makers.clear();
        claims.clear();
        claimsOfVtep.clear();
    }

    /** All claims, a VTEP before what is behind it. */
    void report(Consumer<Claim> to) {
        claims.values().forEach(to);
    }

    private Set<Claim.Key> keys(Route route) {
        Set<Claim.Key> keys = new HashSet<>();
        for (Route.Target target : route.targets()) {
            if (vnis.contains(target.vni())) {
                keys.add(
                        switch (route.key()) {
                            case Route.MacKey its -> new Claim.StationKey(target.vni(), its.mac(), route.vtep());
                            case Route.MulticastKey its -> new Claim.MemberKey(target.vni(), route.vtep());
                        });
            }
        }
        return keys;
    }

    private void unmake(Claim.Key key, Route.Key route) {
        Set<Route.Key> its = makers.get(key);
        if (its != null && its.remove(route)) {
            if (its.isEmpty()) {
                makers.remove(key);
            }
            update(key);
        }
    }

    private void update(Claim.Key key) {
        Claim now = claim(key);
        Claim before = claims.get(key);
        if (now == null) {
            if (claims.remove(key) != null) {
                output.vanished(key);
                leave(key.vtep());
            }
        } else if (!now.equals(before)) {
            if (before == null) {
                join(key.vtep());
            }
            claims.put(key, now);
            output.claim(now);
        }
    }

    private void join(IpAddress vtep) {
        if (claimsOfVtep.merge(vtep, 1, Integer::sum) == 1) {
            Claim.Vtep claim = new Claim.Vtep(vtep, "", "");
            claims.put(claim.key(), claim);
            output.claim(claim);
        }
    }

    private void leave(IpAddress vtep) {
        Integer left = claimsOfVtep.computeIfPresent(vtep, (any, count) -> count == 1 ? null : count - 1);
        if (left == null) {
            Claim.VtepKey key = new Claim.VtepKey(vtep);
            claims.remove(key);
            output.vanished(key);
        }
    }

    private @Nullable Claim claim(Claim.Key key) {
        Set<Route.Key> its = makers.getOrDefault(key, Set.of());
        if (its.isEmpty()) {
            return null;
        }
        int sequence = 0;
        boolean sticky = false;
        boolean flood = false;
        Set<IpAddress> addresses = new TreeSet<>();
        for (Route.Key maker : its) {
            Route route = routes.get(maker);
            if (route == null) {
                continue;
            }
            sequence = Integer.compareUnsigned(route.sequence(), sequence) > 0 ? route.sequence() : sequence;
            sticky |= route.sticky();
            flood |= route.flood();
            if (maker instanceof Route.MacKey mac && mac.address() != null) {
                addresses.add(mac.address());
            }
        }
        return switch (key) {
            case Claim.StationKey its2 ->
                new Claim.Station(its2.vni(), its2.mac(), its2.vtep(), sequence, sticky, List.copyOf(addresses));
            case Claim.MemberKey member -> new Claim.Member(member.vni(), member.vtep(), flood);
            case Claim.VtepKey vtep -> null;
        };
    }
}
