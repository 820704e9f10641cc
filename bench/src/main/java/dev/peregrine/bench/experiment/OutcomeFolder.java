package dev.peregrine.bench.experiment;

import dev.peregrine.bench.report.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder of results: samples as they come, and after each round the result in JSON, the report, and its charts.
 *
 * @param json the name of the result's file
 * @param report the name of the report's file
 * @param samples the name of the file that has a sample a line
 */
public record OutcomeFolder(Path folder, String json, String report, String samples) {
    /** A folder that other experiments share. */
    static OutcomeFolder shared(Path folder, Experiment experiment) {
        String name = experiment.name();
        return new OutcomeFolder(folder, name + ".json", name + ".md", name + "-samples.jsonl");
    }

    /** A folder of one experiment alone. */
    public static OutcomeFolder own(Path folder) {
        return new OutcomeFolder(folder, "result.json", "report.md", "samples.jsonl");
    }

    /** Adds a sample to the results, and keeps it, also if nothing else comes. */
    void add(Outcome outcome, Sample sample) throws IOException {
        outcome.results().add(sample);
        Files.writeString(
                folder.resolve(samples), outcome.line(sample), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Writes everything that follows from an outcome. */
    void write(Outcome outcome) throws IOException {
        try {
            for (Picture chart : outcome.experiment().charts(outcome.results())) {
                Files.write(folder.resolve(chart.fileName()), chart.png());
            }
        } catch (Error | RuntimeException noFonts) { // without them AWT throws whatever it stumbles over first
            outcome.results().fail("charts", "could not be drawn; AWT wants fontconfig and a font: " + noFonts);
        }
        Files.writeString(folder.resolve(json), outcome.json().toPrettyString() + "\n");
        Files.writeString(folder.resolve(report), outcome.report());
    }
}
