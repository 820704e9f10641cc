package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.vxlan.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Events of two planes about few VTEPs, VNIs and MACs, so that they meet; too few for the shrink guard. */
final class RandomClaims {
    private static final long SECOND = 1_000_000_000L;

    private final Random random;

    RandomClaims(Random random) {
        this.random = random;
    }

    /** Something that happens, to a resolver and, where there is one, to the plain model. */
    interface Event {
        void apply(List<Feed> feeds, Resolver resolver, @Nullable PlainResolver plain);

        default boolean isPicture() {
            return false;
        }
    }

    private record Claims(int plane, Claim claim) implements Event {
        @Override
        public void apply(List<Feed> feeds, Resolver resolver, @Nullable PlainResolver plain) {
            feeds.get(plane).claim(claim);
            if (plain != null) plain.claim(plane, claim);
        }
    }

    private record Withdraws(int plane, Claim.Key key) implements Event {
        @Override
        public void apply(List<Feed> feeds, Resolver resolver, @Nullable PlainResolver plain) {
            feeds.get(plane).withdraw(key);
            if (plain != null) plain.withdraw(plane, key);
        }
    }

    private record Picture(int plane, List<Claim> claims, boolean isWhole) implements Event {
        @Override
        public void apply(List<Feed> feeds, Resolver resolver, @Nullable PlainResolver plain) {
            Feed feed = feeds.get(plane);
            feed.begin();
            claims.forEach(feed::claim);
            if (isWhole) feed.complete();
            feed.state(isWhole ? PlaneState.LIVE : PlaneState.AWAY, "");
            if (plain == null) return;
            if (isWhole) plain.picture(plane, claims);
            else claims.forEach(claim -> plain.claim(plane, claim));
            plain.state(plane, isWhole ? PlaneState.LIVE : PlaneState.AWAY);
        }

        @Override
        public boolean isPicture() {
            return true;
        }
    }

    private record Changes(int plane, PlaneState state) implements Event {
        @Override
        public void apply(List<Feed> feeds, Resolver resolver, @Nullable PlainResolver plain) {
            feeds.get(plane).state(state, "");
            if (plain != null) plain.state(plane, state);
        }

        @Override
        public boolean isPicture() {
            return true;
        }
    }

    private record Localises(int vni, long mac, Local why, boolean isThere) implements Event {
        @Override
        public void apply(List<Feed> feeds, Resolver resolver, @Nullable PlainResolver plain) {
            if (isThere) resolver.localAppeared(vni, mac, why, List.of());
            else for (Local each : Local.values()) resolver.localGone(vni, mac, each);
            if (plain != null) plain.local(vni, mac, isThere);
        }
    }

    /**
     * Between steps: so short that 22 of them are within the delay of a withdrawal, or longer than that, or than the
     * hold. After a longer one comes another, in which the shrink guard forgets what has gone.
     */
    long[] pauses() {
        return switch (random.nextInt(6)) {
            case 0 -> new long[] {700 * SECOND, 6 * SECOND};
            case 1, 2 -> new long[] {random.nextLong(SECOND, 2 * SECOND), 6 * SECOND};
            default -> new long[] {random.nextLong(SECOND / 100)};
        };
    }

    /** Events of one moment; at most one for each claim. */
    List<Event> revision() {
        int plane = random.nextInt(2);
        PlaneState[] states = PlaneState.values();
        return switch (random.nextInt(12)) {
            case 0, 1 -> List.of(new Picture(plane, claims(plane, random.nextInt(30)), random.nextInt(4) > 0));
            case 2 -> List.of(new Changes(plane, states[random.nextInt(states.length)]));
            case 3 ->
                List.of(new Localises(
                        vni(), mac(), random.nextBoolean() ? Local.PORT : Local.STATIC, random.nextBoolean()));
            default -> singles(plane);
        };
    }

    private List<Event> singles(int plane) {
        List<Event> events = new ArrayList<>();
        for (Claim claim : claims(plane, 1 + random.nextInt(8))) {
            events.add(random.nextInt(3) == 0 ? new Withdraws(plane, claim.key()) : new Claims(plane, claim));
        }
        return events;
    }

    private List<Claim> claims(int plane, int count) {
        List<Claim> claims = new ArrayList<>();
        Set<Claim.Key> keys = new HashSet<>();
        for (int i = 0; i < count; i++) {
            Claim claim = claim(plane);
            if (keys.add(claim.key())) claims.add(claim);
        }
        return claims;
    }

    private Claim claim(int plane) {
        IpAddress vtep = vtep(2 + random.nextInt(3));
        return switch (random.nextInt(8)) {
            case 0 -> new Claim.Vtep(vtep, "node" + random.nextInt(2), "i" + plane);
            case 1 -> new Claim.Member(vni(), vtep, random.nextInt(4) > 0);
            default ->
                new Claim.Station(vni(), mac(), vtep, random.nextInt(4) - 1, random.nextInt(8) == 0, addresses());
        };
    }

    private int vni() {
        return 1 + random.nextInt(2);
    }

    private long mac() {
        return 0x0200_0000_0000L + random.nextInt(5);
    }

    private List<IpAddress> addresses() {
        Set<IpAddress> addresses = new HashSet<>();
        for (int count = random.nextInt(3); count > 0; count--) addresses.add(vtep(0x100 + random.nextInt(4)));
        return List.copyOf(addresses);
    }

    /** An IPv4 address, 10.0.0.0 and more. */
    static IpAddress vtep(int host) {
        return new IpAddress(0, 0xffff_0a00_0000L + host);
    }
}
