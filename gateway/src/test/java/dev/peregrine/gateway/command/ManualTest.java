package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.command.client.Exit;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manual pages and completion know all commands. */
class ManualTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        GatewayLauncher none = file -> {
            throw new AssertionError("no gateway is wanted");
        };
        return new Cli(none, new PrintWriter(out), new PrintWriter(err)).execute(arguments);
    }

    @Test
    void eachCommandHasAPage(@TempDir Path directory) throws IOException {
        assertEquals(Exit.DONE, run("manual", directory.toString()), err::toString);
        String program = Files.readString(directory.resolve("peregrine.1"));
        assertTrue(program.contains(".SH \"EXIT STATUS\""), program);
        assertTrue(program.contains("\\fB\\-\\-socket\\fR \\fIPATH\\fR"), program);
        assertFalse(Files.exists(directory.resolve("peregrine-manual.1")), "the command that writes pages is hidden");
        String fdb = Files.readString(directory.resolve("peregrine-fdb.1"));
        assertTrue(fdb.contains(".SS \"\\fBperegrine fdb flush"), fdb);
        try (Stream<Path> pages = Files.list(directory)) {
            for (Path page : pages.toList()) {
                String text = Files.readString(page);
                assertFalse(text.contains("${"), page + " has a variable that was not replaced: " + text);
                assertTrue(text.startsWith(".TH \"PEREGRINE"), page::toString);
            }
        }
    }

    @Test
    void bashCompletesTheCommandsOfAllModules() {
        assertEquals(Exit.DONE, run("completion", "bash"), err::toString);
        assertTrue(out.toString().contains("complete -F _complete_peregrine"), out::toString);
        assertTrue(out.toString().contains("fdb"), out::toString);
    }

    @Test
    void anotherShellIsRefused() {
        assertEquals(Exit.USAGE, run("completion", "fish"));
        assertTrue(err.toString().contains("found fish; expected bash"), err::toString);
    }
}
