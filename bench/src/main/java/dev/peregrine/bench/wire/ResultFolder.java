package dev.peregrine.bench.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * Where a run leaves what it found: {@code samples.jsonl} as it goes, at the end {@code result.json}, {@code report.md}
 * and the charts.
 */
record ResultFolder(Path folder, Plan plan, Machine machine, Results results) {
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm");

    /** A new folder's path, by the time. */
    static Path dated(Path root) {
        return root.resolve("bench/results")
                .resolve("wire-" + LocalDateTime.now(ZoneId.systemDefault()).format(DATE));
    }

    /** Keeps a sample, also if nothing else comes. */
    void append(Sample sample) {
        try {
            Files.writeString(
                    folder.resolve("samples.jsonl"),
                    ResultFile.line(sample),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void write() throws IOException {
        Files.writeString(folder.resolve("result.json"), json());
        Files.writeString(folder.resolve("report.md"), report());
        for (Mode mode : plan.modes()) {
            for (Chart chart : Charts.of(plan, mode, results)) {
                Files.writeString(folder.resolve(chart.fileName()), chart.svg());
            }
        }
    }

    String json() {
        return ResultFile.json(plan, machine, results);
    }

    String report() {
        return Report.markdown(plan, machine, results);
    }
}
