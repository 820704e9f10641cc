package dev.peregrine.controlplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.vxlan.IpAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlaneLifeTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String WAKE = "wake";

    private final PlaneLife<String> life = new PlaneLife<>("test", WAKE);
    private final List<String> states = new ArrayList<>();

    private final Feed feed = new Feed() {
        @Override
        public void begin() {}

        @Override
        public void claim(Claim claim) {}

        @Override
        public void withdraw(Claim.Key key) {}

        @Override
        public void complete() {}

        @Override
        public void malformed(Claim.@Nullable Key key, String what) {}

        @Override
        public void announced(int claims) {}

        @Override
        public void state(PlaneState state, String why) {
            states.add(state + " " + why);
        }
    };

    private static LocalState state(String instance) {
        return LocalState.nothing(IpAddress.of(InetAddress.ofLiteral("198.18.0.1")), "here", instance);
    }

    /** Runs a task on the plane's thread, to its end. */
    private void onThread(PlaneLife.Work task) throws Exception {
        CompletableFuture<Thread> done = new CompletableFuture<>();
        life.start(feed, () -> {
            try {
                task.run();
                done.complete(Thread.currentThread());
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        done.get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @AfterEach
    void close() {
        life.close(LONG);
    }

    @Test
    void aStateIsReportedWhenItChanges() throws Exception {
        onThread(() -> {
            assertEquals(PlaneState.CONNECTING, life.away());
            life.report(PlaneState.CONNECTING, "");
            life.lived("");
            life.lived("");
            life.report(life.away(), "gone");
        });
        assertEquals(List.of("CONNECTING ", "LIVE ", "AWAY gone"), states);
    }

    @Test
    void whatIsWantedIsTakenOnceAndAgainByTheNextConnection() throws Exception {
        life.announce(state("1"));
        onThread(() -> {
            assertEquals(state("1"), life.takeWanted());
            assertNull(life.takeWanted());
            life.wantAgain();
            assertEquals(state("1"), life.takeWanted());
            life.announce(state("2"));
            life.wantAgain();
            assertEquals(state("2"), life.takeWanted(), "the newer one");
        });
    }

    @Test
    void manyWishesWakeOnce() throws Exception {
        life.announce(state("1"));
        life.announce(state("2"));
        life.resync();
        life.post("mail");
        onThread(() -> {
            assertEquals(WAKE, life.await(0));
            assertEquals("mail", life.await(0));
            assertNull(life.await(0));
            assertTrue(life.takeResync());
            assertFalse(life.takeResync());
            life.resync();
            assertEquals(WAKE, life.await(0), "it can be woken again");
        });
    }

    @Test
    void aPauseEndsWhenThePictureIsWanted() throws Exception {
        life.resync();
        onThread(() -> life.pause(Long.MAX_VALUE / 2));
    }

    @Test
    void theEndDoesNotWaitForAThreadThatWaits() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        life.start(feed, () -> {
            thread.complete(Thread.currentThread());
            Thread.sleep(LONG);
        });
        Thread its = thread.get(LONG.toSeconds(), TimeUnit.SECONDS);
        life.close(Duration.ZERO);
        assertTrue(its.join(LONG));
        assertTrue(life.isClosed());
    }

    @Test
    void theEndLetsAThreadEndByItself() throws Exception {
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        life.start(feed, () -> {
            life.pause(LONG.toNanos());
            end.complete(life.isClosed());
        });
        life.close(LONG);
        assertTrue(end.getNow(false));
    }
}
