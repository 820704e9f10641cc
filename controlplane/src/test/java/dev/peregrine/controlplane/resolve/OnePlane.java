package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.vxlan.IpAddress;
import java.util.List;
import java.util.stream.IntStream;

/** A resolver with one plane, whose reports the test makes, and with the time in hand. */
abstract class OnePlane {
    static final long SECOND = 1_000_000_000L;
    static final long MAC = 0x0200_0000_4202L;
    static final IpAddress OWN = RandomClaims.vtep(5);
    static final IpAddress A = RandomClaims.vtep(2);
    static final IpAddress B = RandomClaims.vtep(9);

    final RecordedTables tables = new RecordedTables();
    final FakePlane plane = new FakePlane();
    Resolver resolver = resolver(ResolverSettings.DEFAULT);
    Feed feed = added(new PlaneSettings("p"));
    long now;

    static Resolver resolver(ResolverSettings settings) {
        return new Resolver(OWN, "here", "1", settings, ResolverEvents.NONE);
    }

    Feed added(PlaneSettings settings) {
        Feed added = resolver.plane(settings, plane);
        resolver.vni(42, List.of("p"), false, 0);
        return added;
    }

    void use(ResolverSettings settings) {
        resolver = resolver(settings);
        feed = added(new PlaneSettings("p"));
    }

    static Claim.Station station(long mac, IpAddress vtep, int sequence) {
        return new Claim.Station(42, mac, vtep, sequence, false, List.of());
    }

    void pass(long nanos) {
        now += nanos;
        settle();
    }

    void settle() {
        long next = resolver.tick(now);
        while (resolver.drain(tables, 100) || next == 0) next = resolver.tick(now);
    }

    void picture(Claim... claims) {
        feed.begin();
        for (Claim claim : claims) feed.claim(claim);
        feed.complete();
        feed.state(PlaneState.LIVE, "");
        settle();
    }

    PlaneStatus status() {
        return resolver.planes().getFirst();
    }

    String where(long mac) {
        return tables.stations.getOrDefault(RecordedTables.station(42, mac), "nowhere");
    }

    LocalState published() {
        pass(SECOND / 10);
        return plane.announced.getLast();
    }

    static Claim[] stations(int from, int to, IpAddress vtep) {
        return IntStream.range(from, to)
                .mapToObj(i -> station(MAC + i, vtep, 0))
                .toArray(Claim[]::new);
    }
}
