package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.Command.Nothing;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.metric.source.GatewayMetrics;
import dev.peregrine.gateway.noun.Nouns;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.testkit.live.Ping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways without flood lists, FDB entries and neighbours know each other by claims in a directory. */
@LiveTest
class ClaimsTest {
    private static final int VNI = 42;
    private static final String MAC_A = "02:00:00:00:42:01";
    private static final String MAC_B = "02:00:00:00:42:02";
    private static final String INNER_A = "fd00:42::1";
    private static final String INNER_B = "fd00:42::2";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private @Nullable Path folder;

    private Path folder() {
        assert folder != null;
        return folder;
    }

    /** A gateway with a container, and what it publishes. */
    private record Site(OverlayGateway gateway, Namespace container) implements AutoCloseable {
        <T> T onControl(Callable<T> task) {
            return CompletableFuture.supplyAsync(() -> call(task), gateway.controlThread())
                    .join();
        }

        private static <T> T call(Callable<T> task) {
            try {
                return task.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }

        <T> List<T> rows(String name, Record request, Class<T> row) {
            Command<?> command = gateway.nouns().stream()
                    .flatMap(noun -> noun.commands().stream())
                    .filter(its -> its.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            List<?> rows = (List<?>) onControl(() -> run(command, request));
            return rows.stream().map(row::cast).toList();
        }

        private static <R extends Record> Object run(Command<R> command, Record request) throws Exception {
            return command.action().run(command.request().cast(request));
        }

        /** FDB entries behind VTEPs. */
        String remote() {
            return rows("fdb list", new FdbFilter(null), FdbRow.class).stream()
                    .filter(row -> row.vtep() != null)
                    .map(row -> "%s %s %s %s".formatted(row.mac(), row.state(), row.origin(), row.plane()))
                    .collect(Collectors.joining(", "));
        }

        @Override
        public void close() {
            gateway.close();
            container.close();
        }
    }

    private Site site(String name, String mac, String inner) throws Exception {
        Namespace container = Live.tapNamespace();
        long id = ProcessHandle.current().pid();
        String local = "127.%d.%d.%d"
                .formatted((name.equals("a") ? 64 : 128) + (id >>> 16 & 0x3f), id >>> 8 & 0xff, id & 0xff);
        Path claims = Files.createDirectories(folder().resolve("claims.d"));
        Path cache = Files.createDirectories(folder().resolve(name));
        Path file = Files.writeString(folder().resolve(name + ".yaml"), """
                underlay: {local: %s}
                workers: {count: 1, idle: block}
                control:
                  cache: %s
                  planes: [{name: dir, type: file, path: %s, announce: %s/%s.json}]
                vnis:
                  - vni: %d
                    mtu: 1450
                    control: [dir]
                    suppressNeighbours: true
                    ports:
                      - {name: c%s, type: tap, device: eth0, netns: %s, mac: "%s", addresses: ["%s/64"]}
                """.formatted(
                        local, cache, claims, claims, name, VNI, name, container.name(), mac, inner));
        return new Site(OverlayGateway.start(ConfigFile.load(file), Nouns::of, GatewayMetrics::new), container);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            assertTrue(System.nanoTime() < deadline, what);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    @Test
    void gatewaysThatKnowNobodyReachEachOtherAndPartAgain() throws Exception {
        try (Site a = site("a", MAC_A, INNER_A)) {
            try (Site b = site("b", MAC_B, INNER_B)) {
                await("a knows b", () -> a.remote().equals(MAC_B + " static file dir"));
                await("b knows a", () -> b.remote().equals(MAC_A + " static file dir"));
                await("an answer", () -> Ping.answers(a.container(), INNER_B));
                Ping.loses0(a.container(), INNER_B, 50, 56);
                List<VtepRow> vteps = a.rows("vtep list", new Nothing(), VtepRow.class);
                assertEquals(1, vteps.size());
                VtepRow row = vteps.getFirst();
                assertEquals(
                        "control file live true",
                        "%s %s %s %s".formatted(row.source(), row.origin(), row.state(), row.flood()));
                assertTrue(a.gateway().bridge().neighbourAnswers(0) > 0, "b's address was known without asking");
            }
            await("a forgets b", () -> a.remote().isEmpty());
            await(
                    "its VTEP, too",
                    () -> a.rows("vtep list", new Nothing(), VtepRow.class).isEmpty());
        }
    }
}
