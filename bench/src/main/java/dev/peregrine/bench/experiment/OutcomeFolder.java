package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder of experiments' results: for each one {@code NAME-samples.jsonl} as it runs, and after each round {@code
 * NAME.json}, {@code NAME.md} and its charts.
 */
record OutcomeFolder(Path folder) {
    /** Keeps a sample, also if nothing else comes. */
    void add(Experiment experiment, Sample sample) throws IOException {
        Files.writeString(
                folder.resolve(experiment.name() + "-samples.jsonl"),
                Outcome.line(sample),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** Writes everything that follows from an outcome. */
    void write(Outcome outcome) throws IOException {
        String name = outcome.experiment().name();
        Files.writeString(folder.resolve(name + ".json"), outcome.json().toPrettyString() + "\n");
        Files.writeString(folder.resolve(name + ".md"), Report.markdown(outcome));
        for (Picture chart : outcome.experiment().charts(outcome.results())) {
            Files.writeString(folder.resolve(chart.fileName()), chart.svg());
        }
    }
}
