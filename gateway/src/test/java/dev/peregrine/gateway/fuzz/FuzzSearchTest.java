package dev.peregrine.gateway.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.live.lab.Jvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A search by Jazzer for inputs that do harm, in a process of its own for each target: {@code scripts/fuzz}. The input
 * that it finds is left in {@code target/fuzz}, and an input that fails in the folder of kept inputs, too.
 */
@Tag("fuzz")
class FuzzSearchTest {
    private static final Path FOUND = Path.of("target/fuzz");
    private static final String DRIVER = "com.code_intelligence.jazzer.Jazzer";
    private static final int MAX_INPUT_BYTES = 4_096;

    @ParameterizedTest
    @EnumSource
    void findsNothing(Target target) throws IOException, InterruptedException {
        String only = System.getProperty("peregrine.fuzz.target", "");
        Assumptions.assumeTrue(only.isEmpty() || only.equals(target.toString()), "another target was chosen");
        Path found = Files.createDirectories(FOUND.resolve(target.toString()));
        Path kept = FuzzTest.INPUTS.resolve(target.toString());
        Process search =
                new ProcessBuilder(words(target, found, kept)).inheritIO().start();
        assertEquals(0, search.waitFor(), () -> target + ": an input that does harm is in " + kept);
    }

    private static List<String> words(Target target, Path found, Path kept) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-ea", "-Xmx1g", Jvm.arguments("jvm"), "-XX:+EnableDynamicAgentLoading"));
        words.add("-Dperegrine.fuzz=" + target);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), DRIVER));
        words.add("--target_class=" + Fuzz.class.getName());
        words.add("--instrumentation_includes=dev.peregrine.**");
        words.add("-max_total_time=" + System.getProperty("peregrine.fuzz.seconds", "60"));
        words.add("-max_len=" + MAX_INPUT_BYTES);
        words.add("-print_final_stats=1");
        words.add("-artifact_prefix=" + kept + "/");
        words.addAll(List.of(found.toString(), kept.toString()));
        return words;
    }
}
