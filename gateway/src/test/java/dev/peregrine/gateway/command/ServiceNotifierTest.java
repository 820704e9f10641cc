package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.UnixApplication;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The messages to a service manager: sd_notify(3). */
@Timeout(20)
class ServiceNotifierTest {
    @TempDir
    private Path folder;

    private UnixApplication manager;
    private Path socket;

    @BeforeEach
    void bind() {
        socket = folder.resolve("notify");
        manager = new UnixApplication(socket);
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private String heard() throws InterruptedException {
        byte[] datagram = manager.receive();
        while (datagram == null) {
            Thread.sleep(1);
            datagram = manager.receive();
        }
        return new String(datagram, StandardCharsets.UTF_8);
    }

    @Test
    void saysWhatHappensToTheGateway() throws Exception {
        try (ServiceNotifier service = ServiceNotifier.of(Map.of("NOTIFY_SOCKET", socket.toString()))) {
            service.status("waiting for the underlay");
            assertEquals("STATUS=waiting for the underlay", heard());
            service.ready("VTEP 198.18.0.2 port 4789");
            assertEquals("READY=1\nSTATUS=VTEP 198.18.0.2 port 4789", heard());
        }
    }

    @Tag("slow")
    @Test
    void aReloadIsToldFromItsBeginningToItsEnd() throws Exception {
        try (FakeGateway gateway = new FakeGateway();
                ServiceNotifier service = ServiceNotifier.of(Map.of("NOTIFY_SOCKET", socket.toString()))) {
            long before = System.nanoTime() / 1000;
            CompletableFuture<Void> changed = new CompletableFuture<>();
            gateway.controlThread().execute(changed::join); // as long as the change takes
            service.reload(gateway);
            String begun = heard();
            assertTrue(begun.startsWith("RELOADING=1\nMONOTONIC_USEC="), begun);
            long micros = Long.parseLong(begun.replaceFirst("(?s).*USEC=(\\d+)\n.*", "$1"));
            assertTrue(micros >= before && micros <= System.nanoTime() / 1000, begun);
            assertNull(manager.receive(), "it is not ready before the change is made");
            changed.complete(null);
            assertEquals("READY=1\nSTATUS=198.18.0.2 port 4789", heard());
        }
    }

    @Test
    void aReloadOfAGatewayThatIsNotReadyDoesNotSayThatItIs() {
        try (FakeGateway gateway = new FakeGateway(new CompletableFuture<>());
                ServiceNotifier service = ServiceNotifier.of(Map.of("NOTIFY_SOCKET", socket.toString()))) {
            service.reload(gateway);
            CompletableFuture.runAsync(() -> {}, gateway.controlThread()).join();
            assertNull(manager.receive());
        }
    }

    @Test
    void anEndThatComesFurtherIsGivenMoreTime() throws Exception {
        try (FakeGateway gateway = new FakeGateway();
                ServiceNotifier service =
                        ServiceNotifier.of(Map.of("NOTIFY_SOCKET", socket.toString()), Duration.ofMillis(10))) {
            service.stopping(gateway);
            assertEquals("STOPPING=1\nSTATUS=draining", heard());
            gateway.advance();
            assertEquals("EXTEND_TIMEOUT_USEC=15000000", heard());
            gateway.advance();
            assertEquals("EXTEND_TIMEOUT_USEC=15000000", heard());
        }
    }

    @Test
    void theWatchdogHearsFromAGatewayWhoseControlThreadAnswers() throws Exception {
        FakeGateway gateway = new FakeGateway();
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "20000");
        try (gateway;
                ServiceNotifier service = ServiceNotifier.of(environment)) {
            service.watch(gateway);
            assertEquals("WATCHDOG=1", heard());
            assertEquals("WATCHDOG=1", heard());
            CompletableFuture<Void> free = new CompletableFuture<>();
            CompletableFuture<Void> stuck = new CompletableFuture<>();
            gateway.controlThread().execute(() -> {
                stuck.complete(null);
                free.join();
            });
            stuck.get(5, TimeUnit.SECONDS);
            assertFallsSilent(gateway, "the watchdog hears from a gateway whose control thread is stuck");
            for (int step = 0; step < 3; step++) {
                gateway.advance();
                assertEquals("WATCHDOG=1", heard(), "the thread is busy, and comes further");
            }
            assertFallsSilent(gateway, "it comes no further");
            free.complete(null);
            assertEquals("WATCHDOG=1", heard());
        }
    }

    /** A message may be on its way; then two intervals of questions have none for an answer. */
    private void assertFallsSilent(FakeGateway gateway, String what) throws InterruptedException {
        awaitQuestions(gateway, 2);
        while (manager.receive() != null) Thread.onSpinWait();
        awaitQuestions(gateway, 2 * Watchdog.ASKS);
        assertNull(manager.receive(), what);
    }

    private static void awaitQuestions(FakeGateway gateway, int count) throws InterruptedException {
        long end = gateway.asked() + count;
        while (gateway.asked() < end) Thread.sleep(1);
    }

    @Test
    void anotherProcessIsNotWatched() {
        FakeGateway gateway = new FakeGateway();
        Map<String, String> environment =
                Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "1000", "WATCHDOG_PID", "1");
        try (gateway;
                ServiceNotifier service = ServiceNotifier.of(environment)) {
            service.watch(gateway);
            assertNull(manager.receive());
        }
    }

    @Test
    void nothingHappensWithoutAServiceManager() {
        for (String socket : new String[] {"", "/nonexistent/notify", "/" + "x".repeat(200)}) {
            try (ServiceNotifier service = ServiceNotifier.of(Map.of("NOTIFY_SOCKET", socket))) {
                service.ready("ready");
            }
        }
        assertNull(manager.receive());
    }
}
