package dev.peregrine.bench.experiment;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One case in a JVM of its own, as a gateway would be: where cases share one, the compiler makes code that suits all of
 * them, and each is slower than alone. It has this JVM's class path and flags but for the size of the heap, waits for
 * its turn without using the CPU, and ends with this one. The other side is {@link CaseMain}.
 */
final class CaseJvm implements AutoCloseable {
    private static final String ENDED = "its JVM has ended";
    private static final int PATIENCE_SECONDS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Double>> METRICS = new TypeReference<>() {};

    private final Process process;
    private final BufferedWriter turns;
    private final BufferedReader answers;

    /** Starts a JVM for the case at {@code index} of an experiment's. */
    CaseJvm(Experiment experiment, int index, Plan plan) throws IOException {
        process = new ProcessBuilder(command(
                        CaseMain.class.getName(),
                        experiment.name(),
                        Integer.toString(index),
                        Boolean.toString(plan.quick())))
                .redirectError(Redirect.INHERIT)
                .start();
        turns = process.outputWriter();
        answers = process.inputReader();
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!flag.startsWith("-Xms") && !flag.startsWith("-agent") && !flag.equals("-XX:+AlwaysPreTouch")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Measures the case in the other JVM.
     *
     * @throws IllegalStateException if it failed
     * @throws InterruptedException if the user does not want to wait, who may have ended the other JVM as well
     */
    Map<String, Double> measure(double seconds) throws InterruptedException {
        try {
            turns.write(seconds + "\n");
            turns.flush();
            String answer = answers.readLine();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (answer == null) {
                throw new IllegalStateException(ENDED);
            }
            if (answer.startsWith(CaseMain.FAILURE)) {
                throw new IllegalStateException(answer.substring(CaseMain.FAILURE.length()));
            }
            return JSON.readValue(answer, METRICS);
        } catch (IOException failure) {
            throw new IllegalStateException(ENDED, failure);
        }
    }

    @Override
    public void close() {
        try {
            turns.close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException ended) {
            process.destroyForcibly();
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
