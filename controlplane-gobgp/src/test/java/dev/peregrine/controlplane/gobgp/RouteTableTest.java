package dev.peregrine.controlplane.gobgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Routes make claims, whatever their order. */
class RouteTableTest {
    private final Map<Claim.Key, Claim> told = new HashMap<>();
    private final RouteTable table = table(1000);

    private RouteTable table(int maxRoutes) {
        RouteTable made = new RouteTable(
                new RouteTable.Output() {
                    @Override
                    public void claim(Claim claim) {
                        assertFalse(claim.equals(told.put(claim.key(), claim)), "told twice");
                    }

                    @Override
                    public void vanished(Claim.Key key) {
                        assertTrue(told.remove(key) != null, "vanished without having been told");
                    }
                },
                maxRoutes);
        made.want(Set.of(42, 43));
        return made;
    }

    private void remove(Route route) {
        table.remove(route.key());
    }

    @Test
    void aStationIsWhatItsRoutesSayTogether() {
        Route bare = Samples.mac(Samples.A, 1, null, 1, 42);
        Route first = Samples.mac(Samples.A, 1, "198.19.1.1", 3, 42);
        Route second = Samples.mac(Samples.A, 1, "2001:db8::1", 0, 42);
        List.of(bare, first, second).forEach(table::put);
        assertEquals(
                new Claim.Station(
                        42, 1, Samples.A, 3, false, List.of(Samples.ip("198.19.1.1"), Samples.ip("2001:db8::1"))),
                told.get(new Claim.StationKey(42, 1, Samples.A)));
        remove(first);
        remove(bare);
        assertEquals(
                new Claim.Station(42, 1, Samples.A, 0, false, List.of(Samples.ip("2001:db8::1"))),
                told.get(new Claim.StationKey(42, 1, Samples.A)));
        remove(second);
        assertEquals(Map.of(), told, "and the VTEP with its last claim");
    }

    @Test
    void aRouteOfTwoVnisMakesTwoClaims() {
        table.put(Samples.mac(Samples.A, 1, null, 0, 42, 43, 44));
        assertEquals(3, told.size(), "and the VTEP");
        table.put(Samples.mac(Samples.A, 1, null, 0, 42, 44));
        assertEquals(2, told.size());
    }

    @Test
    void routesHaveALimit() {
        RouteTable small = table(1);
        assertTrue(small.put(Samples.multicast(Samples.A, 42)));
        assertFalse(small.put(Samples.multicast(Samples.A, 43)));
        assertTrue(small.put(Samples.multicast(Samples.A, 42)));
        assertTrue(small.put(Samples.multicast(Samples.A, 4711)), "not wanted, and so not one too many");
    }

    @Test
    void randomHistoriesEndInTheClaimsOfThePresentRoutes() {
        long seed = Long.getLong("peregrine.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Route> present = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextBoolean() && !present.isEmpty()) {
                remove(present.remove(random.nextInt(present.size())));
            } else {
                Route route = random(random);
                present.removeIf(its -> its.key().equals(route.key()));
                present.add(route);
                table.put(route);
            }
        }
        Map<Claim.Key, Claim> after = Map.copyOf(told);
        List<Claim> all = new ArrayList<>();
        table.report(all::add);
        assertEquals(Set.copyOf(all), Set.copyOf(after.values()), () -> "seed " + seed);
        told.clear();
        table.clear();
        present.forEach(table::put);
        assertEquals(after, told, () -> "seed " + seed);
    }

    private static Route random(Random random) {
        IpAddress vtep = Samples.ip("198.18.1." + (1 + random.nextInt(3)));
        int vni = 42 + random.nextInt(3);
        if (random.nextInt(4) == 0) return Samples.multicast(vtep, vni);
        String address = random.nextBoolean() ? null : "198.19.1." + random.nextInt(4);
        Route route = Samples.mac(Samples.A, random.nextInt(4), address, random.nextInt(3), vni, 43);
        return new Route(route.key(), vtep, route.targets(), route.sequence(), random.nextBoolean(), false);
    }
}
