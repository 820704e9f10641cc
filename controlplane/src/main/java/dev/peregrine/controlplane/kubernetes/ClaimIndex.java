package dev.peregrine.controlplane.kubernetes;

import dev.peregrine.controlplane.Claim;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The claims of objects. Several objects may make the same claim, as each of a VTEP's stations names the VTEP: it holds
 * until the last of them is gone, and what it says does not depend on the order in which they came.
 */
final class ClaimIndex {
    private final Map<String, List<Claim>> objects = new HashMap<>();
    private final Map<Claim.Key, TreeSet<Said>> claims = new HashMap<>();

    private record Said(String object, Claim claim) {}

    private static final Comparator<Said> STRENGTH =
            Comparator.comparingLong((Said said) -> strength(said.claim())).thenComparing(Said::object);

    /** The weakest objects' claims are not heard: see RFC 7432 section 7.7 for stations. */
    private static long strength(Claim claim) {
        return switch (claim) {
            case Claim.Vtep vtep -> vtep.instance().isEmpty() ? 0 : 1;
            case Claim.Member member -> member.flood() ? 1 : 0;
            case Claim.Station station ->
                (station.sticky() ? 1L << Integer.SIZE : 0) + Integer.toUnsignedLong(station.sequence());
        };
    }

    int objects() {
        return objects.size();
    }

    boolean contains(String object) {
        return objects.containsKey(object);
    }

    /** The claims of an object; none where it is not known. */
    List<Claim> of(String object) {
        return objects.getOrDefault(object, List.of());
    }

    /**
     * An object says this now, and nothing else.
     *
     * @return the keys whose claim is another than before, or is gone
     */
    Set<Claim.Key> put(String object, List<Claim> claimed) {
        List<Claim> said = claimed.stream().map(this::shared).toList();
        List<Claim> before = said.isEmpty() ? objects.remove(object) : objects.put(object, said);
        if (said.equals(before)) return Set.of();
        Map<Claim.Key, @Nullable Claim> earlier = new HashMap<>();
        Set<Claim.Key> touched = new LinkedHashSet<>();
        said.forEach(claim -> touched.add(claim.key()));
        if (before != null) before.forEach(claim -> touched.add(claim.key()));
        touched.forEach(key -> earlier.put(key, get(key)));
        if (before != null) before.forEach(claim -> forget(object, claim));
        said.forEach(claim -> claims.computeIfAbsent(claim.key(), _ -> new TreeSet<>(STRENGTH))
                .add(new Said(object, claim)));
        touched.removeIf(key -> {
            Claim now = get(key);
            return now != null && now.equals(earlier.get(key));
        });
        return touched;
    }

    /** The claim as it is held already, as a VTEP is named by thousands of stations. */
    private Claim shared(Claim claim) {
        Claim held = get(claim.key());
        return held != null && held.equals(claim) ? held : claim;
    }

    private void forget(String object, Claim claim) {
        claims.computeIfPresent(claim.key(), (_, said) -> {
            said.remove(new Said(object, claim));
            return said.isEmpty() ? null : said;
        });
    }

    /** The claim that holds; null where no object makes it. */
    @Nullable
    Claim get(Claim.Key key) {
        TreeSet<Said> said = claims.get(key);
        return said == null ? null : said.last().claim();
    }

    /** Visits every claim that holds. */
    void forEach(Consumer<Claim> visitor) {
        claims.keySet().forEach(key -> {
            Claim claim = get(key);
            if (claim != null) visitor.accept(claim);
        });
    }
}
