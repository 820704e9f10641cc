package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.Stream;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The files of {@code deploy} and the gateway's metrics, as Prometheus itself sees them. */
@LiveTest
class PrometheusTest {
    private static final Path DEPLOY = Path.of("..", "deploy").toAbsolutePath().normalize();
    private static final Path RULES = DEPLOY.resolve("prometheus/alerts.yaml");
    private static final Path BOARD = DEPLOY.resolve("grafana/peregrine.json");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SERVER = "http://127.0.0.1:9090";

    /** Scrapes, one a second, after which rates over ten seconds have what they need. */
    private static final int SCRAPES = 8;

    private static final String METRICS = """
            exec 3<>/dev/tcp/127.0.0.1/9464
            printf 'GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3
            sed $'1,/^\\r$/d' <&3 | promtool check metrics""";

    @TempDir
    private Path folder;

    @BeforeAll
    static void requirePrometheus() {
        boolean isHere = Command.run(List.of("sh", "-c", "command -v promtool && command -v prometheus"))
                        .exit()
                == 0;
        if (!isHere) {
            System.err.println("""

                    ==========================================================================
                    SKIPPED: nothing here shows that Prometheus understands the gateway's metrics, its board and its alerts.
                    There is no prometheus and promtool: on Debian, apt-get install prometheus.
                    ==========================================================================
                    """);
        }
        Assumptions.assumeTrue(isHere, "no prometheus and promtool on the PATH");
    }

    @Test
    void rulesAreWellFormedAndFireWhereThereIsCause() {
        Command.output("promtool", "check", "rules", RULES.toString());
        Command.output(
                "promtool",
                "check",
                "config",
                DEPLOY.resolve("prometheus/prometheus.yaml").toString());
        Command.output(
                "promtool",
                "test",
                "rules",
                DEPLOY.resolve("prometheus/alerts_test.yaml").toString());
    }

    @Test
    void everyQueryOfTheBoardAndTheAlertsIsAnswered() throws IOException {
        Path claims = Files.createDirectory(folder.resolve("claims"));
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> withPlane(lab.gatewayConfigB(), claims))) {
            Lab lab = scene.lab();
            Namespace host = lab.hB();
            assertEquals("", Command.output(host.words("bash", "-c", METRICS)), "promtool check metrics");
            try (var pings = BackgroundProcess.start(lab.cA().words("ping", "-i", "0.02", Lab.INNER_B));
                    var prometheus = startPrometheus(host)) {
                Stream.arrivesIntact(lab.cA(), lab.cB(), Lab.INNER_B, 1 << 20, 1);
                String scrapes = "count_over_time(peregrine_ready{job=\"peregrine\"}[1m]) >= " + SCRAPES;
                Await.until(LIMIT, scrapes, () -> isAnswered(host, scrapes), prometheus::toString);
                assertTrue(pings.isAlive(), pings::toString);
                assertEquals(List.of(), unanswered(host, boardQueries()), "queries of " + BOARD);
                assertEquals(List.of(), unanswered(host, alertOperands()), "queries of " + RULES);
                String firing = "ALERTS{alertstate=\"firing\"}";
                assertFalse(isAnswered(host, firing), () -> query(host, firing).toString());
            }
        }
    }

    /** The metrics of control planes are there where there is one. */
    private static String withPlane(String config, Path claims) {
        return config + """
                control:
                  cache: "off"
                  planes: [{name: dir, type: file, path: "%s"}]
                """.formatted(claims);
    }

    private BackgroundProcess startPrometheus(Namespace host) throws IOException {
        String config = Files.readString(DEPLOY.resolve("prometheus/prometheus.yaml"))
                .replace(": 15s", ": 1s")
                .replace("- alerts.yaml", "- " + RULES);
        Path file = Files.writeString(folder.resolve("prometheus.yaml"), config);
        return BackgroundProcess.start(host.words(
                "prometheus",
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:9090",
                "--log.level=warn"));
    }

    private static List<String> unanswered(Namespace host, List<String> queries) {
        assertTrue(queries.size() > 15, queries::toString);
        return queries.stream().filter(query -> !isAnswered(host, query)).toList();
    }

    private static boolean isAnswered(Namespace host, String query) {
        Command.Result result = query(host, query);
        return result.exit() == 0 && !result.output().strip().equals("[]");
    }

    private static Command.Result query(Namespace host, String query) {
        return Command.run(host.words("promtool", "query", "instant", "--format=json", SERVER, query));
    }

    private static List<String> boardQueries() throws IOException {
        List<String> queries = new ArrayList<>();
        for (JsonNode panel : new ObjectMapper().readTree(BOARD.toFile()).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(target.path("expr")
                        .asText()
                        .replace("$__rate_interval", "10s")
                        .replace("$job", ".*")
                        .replace("$instance", ".*"));
            }
        }
        return queries;
    }

    /** The expressions without the comparison at their end, which nothing is beyond in good health. */
    private static List<String> alertOperands() throws IOException {
        List<String> operands = new ArrayList<>();
        Object file = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(RULES));
        for (Object group : (List<?>) ((Map<?, ?>) file).get("groups")) {
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
                String expression = String.valueOf(((Map<?, ?>) rule).get("expr"));
                String operand = expression.replaceFirst(" (==|>|<) [0-9.]+$", "");
                assertFalse(operand.equals(expression), () -> "no comparison at the end: " + expression);
                operands.add(operand);
            }
        }
        return operands;
    }
}
