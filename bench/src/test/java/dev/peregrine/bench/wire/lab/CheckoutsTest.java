package dev.peregrine.bench.wire.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckoutsTest {
    private static final Path OWN = Path.of("/own");

    @TempDir
    private Path folder;

    @Test
    void runsTheProgramOfTheOtherCheckoutForThatContenderAlone() throws IOException {
        Path program = Files.createDirectories(folder.resolve("scripts")).resolve("peregrine");
        assertTrue(Files.createFile(program).toFile().setExecutable(true));
        Checkouts checkouts = new Checkouts(OWN, folder);
        checkouts.check(true);
        assertEquals(program, checkouts.program(Contender.PEREGRINE_OTHER));
        assertEquals(OWN.resolve("scripts/peregrine"), checkouts.program(Contender.PEREGRINE));
    }

    @Test
    void refusesAFolderWithoutTheProgram() {
        Checkouts checkouts = new Checkouts(OWN, folder);
        String message = refusal(checkouts);
        assertTrue(message.contains(folder.toString()) && message.contains("scripts/peregrine"), message);
    }

    @Test
    void refusesTheContenderWithoutAnotherCheckout() {
        Checkouts checkouts = new Checkouts(OWN, null);
        checkouts.check(false);
        String message = refusal(checkouts);
        assertTrue(message.contains("--other"), message);
    }

    private static String refusal(Checkouts checkouts) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> checkouts.check(true))
                .getMessage());
    }

    @Test
    void isNoneOfTheDefaults() {
        assertFalse(Contender.defaults().contains(Contender.PEREGRINE_OTHER));
        assertTrue(Contender.PEREGRINE_OTHER.isAnother());
        assertFalse(Contender.PEREGRINE_SPIN.isAnother());
    }
}
