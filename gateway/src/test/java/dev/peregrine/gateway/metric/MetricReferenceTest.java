package dev.peregrine.gateway.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/metrics.md} is made of what the gateway measures: write it with -Dpg.docs=write. */
class MetricReferenceTest {
    private static final Path PAGE = Path.of("../docs/metrics.md");

    private static final String HEAD = """
            # Metrics

            A gateway serves these at `/metrics`, to Prometheus and to whoever speaks its text format 0.0.4 or OpenMetrics
            1.0; see [operations.md](operations.md#metrics). Names and labels stay as they are; metrics are added.

            Counters begin at 0 when the gateway starts. Packets are wire packets: a superframe counts as its segments,
            except where the meaning says otherwise. Units are seconds, bytes, packets and ratios.

            | label | values |
            |---|---|
            | `device`, `stage` | as in `stage list`; `port` and `policy` are those of all ports together |
            | `plane` | the name of a control plane |
            | `port` | the name of a port; with `control.metrics.ports: off` there are no series with it |
            | `reason` | of drops as in `drop list`, which explains each; of `peregrine_control_refused_total` the reason why a claim is not believed, such as `own_vtep` |
            | `vni` | the number of a VNI |
            | `vtep` | the address of a remote VTEP, of at most `control.metrics.vteps` |
            | `worker` | `worker-0` and so on |

            So there are about 110 series, and about 90 more for each worker, 8 for each VNI, 5 for each port, 5 for each remote
            VTEP and about 25 for each control plane.

            <!-- Generated from dev.peregrine.gateway.metric.Metric and the metrics of the process; a test says how. -->

            ## The gateway

            | metric | kind | labels | meaning |
            |---|---|---|---|
            """;

    @Test
    void pageIsWhatIsMeasured() throws IOException {
        StringBuilder page = new StringBuilder(HEAD);
        for (Metric metric : Metric.values()) {
            String labels =
                    metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
            String name = metric.title() + (metric.kind() == Metric.Kind.INFO ? "_info" : "");
            line(page, name, metric.kind().text(), labels, metric.meaning());
        }
        page.append("\n## The process\n\n| metric | kind | meaning |\n|---|---|---|\n");
        for (MetricSnapshot metric : new ProcessMetrics().collect()) {
            String name = metric.getMetadata().getPrometheusName();
            String kind = kind(metric);
            line(
                    page,
                    kind.equals("counter") ? name + "_total" : name,
                    kind,
                    String.valueOf(metric.getMetadata().getHelp()));
        }
        if ("write".equals(System.getProperty("pg.docs"))) Files.writeString(PAGE, page);
        assertEquals(page.toString(), Files.readString(PAGE), "run this test with -Dpg.docs=write");
    }

    private static void line(StringBuilder page, String name, String... cells) {
        page.append("| `")
                .append(name)
                .append("` | ")
                .append(String.join(" | ", cells))
                .append(" |\n");
    }

    private static String kind(MetricSnapshot metric) {
        if (metric instanceof CounterSnapshot) return "counter";
        return metric instanceof GaugeSnapshot ? "gauge" : "summary";
    }
}
