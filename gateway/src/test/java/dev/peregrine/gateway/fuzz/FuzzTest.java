package dev.peregrine.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.testkit.Gen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every fuzz target takes its kept inputs, and damaged copies of them that differ in each run. The inputs are seeds,
 * what a search found worth keeping, and whatever once failed; a failure names its input or seed.
 */
class FuzzTest {
    /** A folder for each target, with a file for each input. */
    static final Path INPUTS = Path.of("src/test/fuzz");

    private static final int DAMAGED = 20;
    private static final int LEAST_INPUTS = 3;

    /** With {@code -Dpg.fuzz=write}, for targets and kinds of input that are new. */
    @Test
    void seedsAreWrittenWhenAskedFor() throws IOException {
        Assumptions.assumeTrue("write".equals(System.getProperty("pg.fuzz")), "only with -Dpg.fuzz=write");
        Seeds.write(INPUTS);
    }

    @ParameterizedTest
    @EnumSource
    void keptInputsDoNoHarm(Target target) throws IOException {
        Consumer<byte[]> run = target.open();
        List<Path> inputs = inputs(target);
        assertTrue(inputs.size() >= LEAST_INPUTS, () -> "inputs of " + target + ": " + inputs);
        for (Path input : inputs) run(run, Files.readAllBytes(input), input.toString());
    }

    @ParameterizedTest
    @EnumSource
    void damagedInputsDoNoHarm(Target target) throws IOException {
        Gen gen = Gen.ofThisRun();
        Consumer<byte[]> run = target.open();
        for (Path input : inputs(target)) {
            byte[] bytes = Files.readAllBytes(input);
            for (int i = 0; i < DAMAGED; i++) {
                byte[] damaged = gen.damaged(bytes);
                run(run, damaged, input + ", damaged " + i + ", " + gen);
            }
        }
    }

    private static void run(Consumer<byte[]> run, byte[] bytes, String what) {
        try {
            run.accept(bytes);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(what, e);
        }
    }

    static List<Path> inputs(Target target) throws IOException {
        try (Stream<Path> files = Files.list(INPUTS.resolve(target.toString()))) {
            return files.sorted().toList();
        }
    }
}
