package dev.peregrine.controlplane.kubernetes;

import static dev.peregrine.controlplane.kubernetes.Samples.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.controlplane.Claim;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class ClaimIndexTest {
    private static final int SEEDS = Integer.getInteger("peregrine.seeds", 20);

    @Test
    void theStrongestOfAStationsObjectsIsHeard() {
        ClaimIndex index = new ClaimIndex();
        Claim.Station first = Samples.station(42, 7, "198.18.1.3", 1);
        Claim.Station later = Samples.station(42, 7, "198.18.1.3", -1);
        assertEquals(Set.of(first.key()), index.put("a", List.of(first)));
        assertEquals(Set.of(first.key()), index.put("b", List.of(later)));
        assertEquals(later, index.get(first.key()));
        assertEquals(Set.of(), index.put("a", List.of()));
        assertEquals(Set.of(first.key()), index.put("b", List.of()));
        assertEquals(0, index.objects());
    }

    /** The valid claims depend on the present objects alone, not on their history; each change is named. */
    @Test
    void theOrderOfEventsDoesNotMatter() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            ClaimIndex index = new ClaimIndex();
            Map<String, List<Claim>> objects = new HashMap<>();
            Map<Claim.Key, Claim> told = new HashMap<>();
            for (int i = 0; i < 500; i++) {
                String name = "o" + random.nextInt(12);
                List<Claim> said = random.nextInt(4) == 0 ? List.of() : claims(random);
                objects.put(name, said);
                for (Claim.Key key : index.put(name, said)) {
                    Claim claim = index.get(key);
                    if (claim == null) told.remove(key);
                    else told.put(key, claim);
                }
            }
            ClaimIndex again = new ClaimIndex();
            objects.forEach(again::put);
            Map<Claim.Key, Claim> held = new HashMap<>();
            again.forEach(claim -> held.put(claim.key(), claim));
            assertEquals(held, told, "seed " + seed);
        }
    }

    private static List<Claim> claims(RandomGenerator random) {
        String vtep = "198.18.1." + random.nextInt(1, 4);
        List<Claim> claims = new ArrayList<>();
        claims.add(new Claim.Vtep(ip(vtep), "h" + random.nextInt(2), random.nextBoolean() ? "" : "i"));
        if (random.nextBoolean()) claims.add(new Claim.Member(42, ip(vtep), random.nextBoolean()));
        else claims.add(Samples.station(42, random.nextInt(3), vtep, random.nextInt()));
        return claims;
    }
}
