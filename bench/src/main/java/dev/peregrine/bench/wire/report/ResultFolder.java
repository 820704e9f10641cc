package dev.peregrine.bench.wire.report;

import dev.peregrine.bench.report.Chart;
import dev.peregrine.bench.report.Machine;
import dev.peregrine.bench.wire.lab.Mode;
import dev.peregrine.bench.wire.row.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * The folder of a run's results: {@code samples.jsonl} as it runs, after each round {@code result.json}, {@code
 * report.md} and the charts.
 */
public record ResultFolder(Path folder, Plan plan, Machine machine, Results results) {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm");

    /** A new folder's path, by the time. */
    public static Path dated(Path root) {
        return root.resolve("bench/results")
                .resolve("wire-" + LocalDateTime.now(ZoneId.systemDefault()).format(DATE));
    }

    /** Adds a sample to the results, and keeps it, also if nothing else comes. */
    public void add(Sample sample) throws IOException {
        results.add(sample);
        Files.writeString(
                folder.resolve("samples.jsonl"),
                ResultFile.line(sample),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** Writes everything that follows from the results so far. */
    public void write() throws IOException {
        Files.writeString(folder.resolve("result.json"), json());
        Files.writeString(folder.resolve("report.md"), report());
        for (Mode mode : plan.modes()) {
            for (Chart chart : Charts.of(plan, mode, results)) {
                Files.writeString(folder.resolve(chart.fileName()), chart.svg());
            }
        }
    }

    /** The text of {@code result.json}. */
    public String json() {
        return ResultFile.json(plan, machine, results);
    }

    /** The text of {@code report.md}. */
    public String report() {
        return Report.markdown(plan, machine, results);
    }
}
