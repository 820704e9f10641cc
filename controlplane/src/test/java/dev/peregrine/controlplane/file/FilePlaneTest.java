package dev.peregrine.controlplane.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.FeedQueue;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.Local;
import dev.peregrine.controlplane.resolve.NoTables;
import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.controlplane.resolve.ResolverSettings;
import dev.peregrine.controlplane.resolve.report.Claimed;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.vxlan.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File planes, each with a resolver behind a {@link FeedQueue}, as in a gateway. */
class FilePlaneTest {
    private static final long MAC = 0x0200_0000_4202L;
    private static final IpAddress A = address("198.18.1.2");
    private static final IpAddress B = address("198.18.1.3");

    @TempDir
    Path directory;

    private final List<Gateway> gateways = new ArrayList<>();

    /** A resolver, its plane, and the queue between them. */
    private static final class Gateway {
        final Semaphore work = new Semaphore(0);
        final FeedQueue queue = new FeedQueue(work::release);
        final Resolver resolver;
        final FilePlane plane;
        final Feed feed;
        final NoTables tables = new NoTables();

        Gateway(IpAddress own, Path directory, @Nullable Path file) {
            resolver = new Resolver(own, "node", "1", ResolverSettings.DEFAULT, ResolverEvents.NONE);
            plane = new FilePlane("dir", directory, file, Duration.ofMillis(20));
            feed = resolver.plane(new PlaneSettings("dir"), plane);
            resolver.vni(42, List.of("dir"), false, 0);
            plane.start(queue);
        }

        void await(String what, BooleanSupplier isSo) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (true) {
                while (queue.drain(feed, 100)) resolver.tick(System.nanoTime());
                resolver.tick(System.nanoTime());
                while (resolver.drain(tables, 100)) resolver.tick(System.nanoTime());
                if (isSo.getAsBoolean()) return;
                assertTrue(System.nanoTime() < end, () -> what + "; " + resolver.planes());
                work.tryAcquire(10, TimeUnit.MILLISECONDS);
            }
        }

        PlaneStatus status() {
            return resolver.planes().getFirst();
        }

        @Nullable
        IpAddress where(long mac) {
            for (Claimed claimed : resolver.claims(42, mac)) {
                if (claimed.standing() == Claimed.Standing.WINS)
                    return claimed.claim().key().vtep();
            }
            return null;
        }
    }

    private Gateway gateway(IpAddress own, @Nullable Path file) {
        Gateway gateway = new Gateway(own, directory, file);
        gateways.add(gateway);
        return gateway;
    }

    @AfterEach
    void close() {
        for (Gateway gateway : gateways) {
            gateway.queue.close();
            gateway.plane.close();
        }
    }

    /** The next plane may write the same file. */
    @Test
    void aPlaneThatIsClosedHasNoThread() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        CountDownLatch end = new CountDownLatch(1);
        FeedQueue slow = new FeedQueue(() -> {
            thread.complete(Thread.currentThread());
            boolean isOver = false;
            while (!isOver) {
                try {
                    isOver = end.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    end.countDown(); // it is being closed, and has something to end
                }
            }
        });
        FilePlane plane = new FilePlane("dir", directory, null, Duration.ofMillis(20));
        plane.start(slow);
        Thread its = thread.get(10, TimeUnit.SECONDS);
        assertTrue(its.isAlive());
        plane.close();
        assertFalse(its.isAlive());
    }

    @Test
    void aPlaneThatNeverStartedIsClosed() {
        new FilePlane("dir", directory, null, Duration.ofMillis(20)).close();
    }

    @Test
    void aPipeIsRefusedOnceAndHoldsNobodyUp() throws Exception {
        Command.output("mkfifo", directory.resolve("pipe.json").toString());
        Gateway gateway = gateway(B, null);
        gateway.await("live", () -> gateway.status().state() == PlaneState.LIVE);
        put("a.json", A, 1);
        gateway.await("the station", () -> A.equals(gateway.where(MAC)));
        put("a.json", A, 2);
        gateway.await("a refusal", () -> gateway.status().lastRefused().endsWith("pipe.json: it is no regular file"));
        assertEquals(1, gateway.status().refused().get(Refusal.MALFORMED));
    }

    private static IpAddress address(String text) {
        return IpAddress.of(InetAddress.ofLiteral(text));
    }

    private void put(String name, IpAddress vtep, int sequence) throws IOException {
        Path beside = directory.resolve("." + name);
        Files.writeString(beside, """
                {"v": 1, "vteps": [{"vtep": "%s", "vnis": [
                  {"vni": 42, "macs": [{"mac": "02:00:00:00:42:02", "seq": %d}]}]}]}
                """.formatted(vtep, sequence));
        Files.move(
                beside, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aFileThatIsMovedIntoItsPlaceMovesAMac() throws Exception {
        put("claims.json", A, 0);
        Gateway gateway = gateway(address("198.18.1.1"), null);
        gateway.await("it is with A", () -> A.equals(gateway.where(MAC)));
        long fastest = Long.MAX_VALUE; // of three: a busy machine may hold up one of them
        for (IpAddress vtep : List.of(B, A, B)) {
            long begin = System.nanoTime();
            put("claims.json", vtep, 0);
            gateway.await("it is with " + vtep, () -> vtep.equals(gateway.where(MAC)));
            fastest = Math.min(fastest, System.nanoTime() - begin);
        }
        assertTrue(fastest < TimeUnit.SECONDS.toNanos(5), "within five seconds");
        assertEquals(PlaneState.LIVE, gateway.status().state());
    }

    @Test
    void aBrokenFileIsRefusedWithItsLineAndChangesNothing() throws Exception {
        put("a.json", A, 3);
        Gateway gateway = gateway(address("198.18.1.1"), null);
        gateway.await("it is with A", () -> A.equals(gateway.where(MAC)));
        Files.writeString(directory.resolve("a.json"), "{\"v\": 1,\n\"vteps\": [\n{\"vtep\": \"host\"}]}");
        put("b.json", B, 0);
        gateway.await("the good file counts", () -> gateway.status().vteps() == 2);
        // Before it is written whole, something else is wrong with it.
        gateway.await(
                "the broken one is refused",
                () -> gateway.status().lastRefused().endsWith("a.json:3: 'host' is no IP address"));
        assertTrue(gateway.status().refused().containsKey(Refusal.MALFORMED), gateway.status()::toString);
        gateway.resolver.resync("dir", false);
        gateway.await("a second picture", () -> gateway.status().pictures() == 2);
        assertEquals(A, gateway.where(MAC));
        assertEquals(0, gateway.status().held());
    }

    @Test
    void aFileThatGoesWithdrawsWhatItClaimed() throws Exception {
        put("a.json", A, 3);
        put("b.json", A, 5);
        Gateway gateway = gateway(address("198.18.1.1"), null);
        gateway.await("b holds", () -> sequence(gateway) == 5);
        Files.delete(directory.resolve("b.json"));
        gateway.await("a holds", () -> sequence(gateway) == 3);
        Files.delete(directory.resolve("a.json"));
        gateway.await("nothing is left", () -> gateway.status().claims() == 0);
    }

    private static int sequence(Gateway gateway) {
        List<Claimed> claims = gateway.resolver.claims(42, MAC);
        return claims.isEmpty() ? -1 : ((Claim.Station) claims.getFirst().claim()).sequence();
    }

    @Test
    void aDirectoryThatGoesIsAPlaneThatIsAway() throws Exception {
        put("a.json", A, 3);
        Gateway gateway = gateway(address("198.18.1.1"), null);
        gateway.await("live", () -> A.equals(gateway.where(MAC)));
        Path elsewhere = directory.resolveSibling(directory.getFileName() + ".away");
        Files.move(directory, elsewhere);
        gateway.await("away", () -> gateway.status().state() == PlaneState.AWAY);
        assertEquals(A, gateway.where(MAC));
        Files.move(elsewhere, directory);
        gateway.await("live again", () -> gateway.status().state() == PlaneState.LIVE);
        assertEquals(A, gateway.where(MAC));
    }

    @Test
    void gatewaysThatShareADirectoryFindEachOtherAndHandOverAMac() throws Exception {
        Gateway a = gateway(A, directory.resolve("a.json"));
        Gateway b = gateway(B, directory.resolve("b.json"));
        a.resolver.publish(true);
        b.resolver.publish(true);
        a.resolver.localAppeared(42, MAC, Local.PORT, List.of());
        a.await("a announces", () -> a.status().announced() == 3);
        b.await("b sees it", () -> A.equals(b.where(MAC)));
        a.resolver.localGone(42, MAC, Local.PORT);
        b.resolver.localAppeared(42, MAC, Local.PORT, List.of());
        LocalState announced = b.resolver.announcement("dir");
        assertEquals(1, announced.stations().getFirst().sequence());
        b.await("b announces", () -> b.status().announced() == 3);
        a.await("a sees it at b", () -> B.equals(a.where(MAC)));
        a.resolver.publish(false);
        a.await("a withdraws", () -> !Files.exists(directory.resolve("a.json")));
        b.await("b forgets a", () -> b.status().vteps() == 0);
        assertFalse(b.status().refused().containsKey(Refusal.OWN_VTEP), "its own file is not read");
    }

    @Test
    void anOwnFileThatIsRemovedComesBack() throws Exception {
        Path file = directory.resolve("a.json");
        Gateway a = gateway(A, file);
        a.resolver.publish(true);
        a.await("a announces", () -> Files.exists(file));
        Files.delete(file);
        a.await("it is back", () -> Files.exists(file));
    }
}
