package dev.peregrine.controlplane.resolve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.vxlan.IpAddress;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** 1,000 VTEPs in 100 VNIs with 100 stations each, every one with an address. Prints its figures. */
@Tag("slow")
class ResolverScaleTest {
    private static final int VTEPS = 1000;
    private static final int VNIS = 100;
    private static final int MACS = 100;
    private static final int SLICE = 2000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SECOND = 1_000_000_000L;

    private final NoTables tables = new NoTables();
    private final FakePlane plane = new FakePlane();
    private final Resolver resolver =
            new Resolver(RandomClaims.vtep(1), "here", "1", ResolverSettings.DEFAULT, ResolverEvents.NONE);
    private final Feed feed = resolver.plane(new PlaneSettings("p"), plane);
    private long now;
    private long longestTurn;

    private static List<Claim> picture() {
        List<Claim> claims = new ArrayList<>(VTEPS * (MACS + 2));
        for (int v = 0; v < VTEPS; v++) {
            IpAddress vtep = RandomClaims.vtep(0x10000 + v);
            claims.add(new Claim.Vtep(vtep, "node" + v, "1"));
            for (int vni = 0; vni < VNIS; vni++) claims.add(new Claim.Member(vni, vtep, true));
            for (int i = 0; i < MACS; i++) {
                int host = v * MACS + i;
                List<IpAddress> addresses = List.of(RandomClaims.vtep(0x100000 + host));
                claims.add(new Claim.Station(i % VNIS, 0x0200_0000_0000L + host, vtep, 0, false, addresses));
            }
        }
        return claims;
    }

    /** Hands over claims as a queue does, a slice a turn, and tells the tables a slice a turn. */
    private void turns(List<Claim> claims) {
        int at = 0;
        boolean isMore = true;
        while (at < claims.size() || isMore) {
            long begin = THREADS.getCurrentThreadCpuTime();
            int end = Math.min(claims.size(), at + SLICE);
            if (at == 0 && end > 0) feed.begin();
            for (; at < end; at++) feed.claim(claims.get(at));
            if (end > 0 && end == claims.size()) {
                feed.complete();
                feed.state(PlaneState.LIVE, "");
                claims = List.of();
                at = 0;
            }
            now += SECOND / 100;
            long next = resolver.tick(now);
            isMore = resolver.drain(tables, SLICE) || next == 0;
            longestTurn = Math.max(longestTurn, THREADS.getCurrentThreadCpuTime() - begin);
        }
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aHundredThousandStationsOfAThousandVteps() {
        for (int vni = 0; vni < VNIS; vni++) resolver.vni(vni, List.of("p"), false, 0);
        List<Claim> picture = picture();
        long before = usedHeap();
        report("first picture", picture);
        long bytes = usedHeap() - before;
        int claimed = VTEPS * (1 + VNIS + MACS);
        assertEquals(claimed, resolver.planes().getFirst().claims());
        System.out.printf(
                Locale.ROOT,
                "memory of %d claims, beside what the tables keep: %.1f MiB%n",
                claimed,
                bytes / 1048576.0);
        assertTrue(bytes < 48 << 20, () -> "the claims take " + bytes + " bytes");
        int calls = tables.calls();
        report("the same picture again", picture);
        assertEquals(calls, tables.calls(), "calls for a repeated picture");
        feed.state(PlaneState.AWAY, "");
        now += 600 * SECOND;
        report("hold ends", List.of());
        now += SECOND;
        turns(List.of());
        assertEquals(0, resolver.planes().getFirst().claims());
        report("a picture after that", picture);
    }

    private void report(String what, List<Claim> claims) {
        long id = Thread.currentThread().threadId();
        longestTurn = 0;
        int calls = tables.calls();
        long allocated = THREADS.getThreadAllocatedBytes(id);
        long begin = System.nanoTime();
        long beginOfCpu = THREADS.getCurrentThreadCpuTime();
        turns(claims);
        System.out.printf(
                Locale.ROOT,
                "%s: %.0f ms (CPU %.0f), %.1f MiB allocated, %d changes, longest turn %.1f ms of CPU%n",
                what,
                (System.nanoTime() - begin) / 1e6,
                (THREADS.getCurrentThreadCpuTime() - beginOfCpu) / 1e6,
                (THREADS.getThreadAllocatedBytes(id) - allocated) / 1048576.0,
                tables.calls() - calls,
                longestTurn / 1e6);
    }
}
