package dev.peregrine.bench.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class WireBenchTest {
    private record Ended(int exit, String said) {}

    private static Ended list(Redirect output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WireBench.class.getName(),
                        "--list")
                .redirectOutput(output)
                .start();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }

    @Test
    void aFullDiskIsAFailureThatSaysSo() throws IOException, InterruptedException {
        Ended ended = list(Redirect.to(new File("/dev/full")));
        assertTrue(ended.said().contains("the output could not be written: is the disk full?"), ended::toString);
        assertEquals(1, ended.exit());
    }

    @Test
    void whatIsWrittenIsASuccess() throws IOException, InterruptedException {
        assertEquals(0, list(Redirect.DISCARD).exit());
    }
}
