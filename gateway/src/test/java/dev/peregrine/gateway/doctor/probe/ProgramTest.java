package dev.peregrine.gateway.doctor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static String failure(Duration limit, String... words) {
        return String.valueOf(assertThrows(IOException.class, () -> Program.output(limit, words))
                .getMessage());
    }

    @Test
    void allThatAProgramWritesIsRead() throws IOException {
        assertEquals(
                1 << 20, Program.output("head", "-c", "1048576", "/dev/zero").length(), "more than a pipe holds");
    }

    @Test
    void aProgramThatFailsIsAnError() {
        Duration limit = Duration.ofSeconds(20);
        assertEquals("false may not (exit 1)", failure(limit, "false"));
        assertTrue(failure(limit, "/there/is/none").contains("No such file"));
    }

    @Test
    void aProgramThatSaysNothingIsNotWaitedForLong() {
        assertEquals("sleep does not end within 50 ms", failure(Duration.ofMillis(50), "sleep", "100"));
    }

    @Test
    void aProgramThatDoesNotEndAfterItsOutputIsNotWaitedForLong() {
        String closing = "exec >&-; exec sleep 100";
        assertEquals("sh does not end within 200 ms", failure(Duration.ofMillis(200), "sh", "-c", closing));
    }
}
