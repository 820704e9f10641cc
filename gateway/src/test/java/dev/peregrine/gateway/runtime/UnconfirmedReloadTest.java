package dev.peregrine.gateway.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.live.lab.Jvm;
import dev.peregrine.gateway.metric.source.GatewayMetrics;
import dev.peregrine.gateway.noun.Nouns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log of a gateway whose only worker does not answer while it is told to follow its file. */
@Tag("slow")
@Timeout(120)
class UnconfirmedReloadTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PORT =
            "{name: %1$s, type: socket, listen: \"198.19.0.%2$d:9000\", deliver: \"udp:127.0.0.1:90%2$02d\"}";

    @TempDir
    private Path folder;

    /** The log is the process's, so the gateway is a process of its own. */
    @Test
    void theLogSaysThatItIsNotConfirmedAndWhenItIs() throws Exception {
        Path file = folder.resolve("gateway.yaml");
        try (BackgroundProcess gateway =
                BackgroundProcess.start(Jvm.words(UnconfirmedReloadTest.class, file.toString()))) {
            gateway.awaitExit(LIMIT);
            List<String> log = gateway.lines();
            assertEquals(
                    List.of(
                            "SIGHUP: reading the configuration again",
                            "the file is followed in part: 0 of 1 changes are made, and reload, or the same command again,"
                                    + " makes the rest, but a worker does not answer: worker 0 does not answer",
                            "an earlier change is finished now",
                            file + " is followed, changes: 1"),
                    log.stream()
                            .filter(line -> line.contains(" Reload - "))
                            .map(line -> line.substring(line.indexOf(" Reload - ") + 10))
                            .filter(line -> !line.startsWith("+ "))
                            .toList(),
                    gateway::toString);
            assertEquals(
                    List.of(),
                    log.stream().filter(line -> line.contains(" FaultLog ")).toList());
        }
    }

    private static String yaml(String... ports) {
        return "underlay: {local: 127.0.0.1, port: 14789}\nworkers: {count: 1, idle: block}\nvnis: [{vni: 42, flood: [127.0.0.2], ports: ["
                + String.join(", ", ports) + "]}]\n";
    }

    static void main(String... arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        Files.writeString(file, yaml(PORT.formatted("web", 9)));
        OverlayGateway gateway = OverlayGateway.start(ConfigFile.load(file), Nouns::of, GatewayMetrics::new);
        CountDownLatch isStuck = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Boolean> worker = CompletableFuture.supplyAsync(() -> {
            try {
                return gateway.lanes().getFirst().call(() -> {
                    isStuck.countDown();
                    return goOn.await(60, TimeUnit.SECONDS);
                });
            } catch (Exception tooLate) {
                return false;
            }
        });
        isStuck.await();
        Files.writeString(file, yaml(PORT.formatted("web", 9), PORT.formatted("more", 10)));
        gateway.hangUp();
        CompletableFuture.runAsync(() -> {}, gateway.controlThread()).join(); // behind it
        goOn.countDown();
        worker.join();
        CompletableFuture.runAsync(
                        () -> gateway.reload().tick(System.nanoTime() + TimeUnit.SECONDS.toNanos(11)),
                        gateway.controlThread())
                .join();
        CompletableFuture.runAsync(() -> follow(gateway), gateway.controlThread())
                .join();
        gateway.close();
        System.exit(0);
    }

    private static void follow(OverlayGateway gateway) {
        try {
            gateway.reload().followFile();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
