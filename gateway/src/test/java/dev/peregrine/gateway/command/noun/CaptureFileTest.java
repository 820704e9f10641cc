package dev.peregrine.gateway.command.noun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.command.client.CommandFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureFileTest {
    @TempDir
    private Path folder;

    private static JsonNode line(int frames, int bytes) {
        return new ObjectMapper()
                .createObjectNode()
                .put("frames", frames)
                .put("pcapng", Base64.getEncoder().encodeToString(new byte[bytes]));
    }

    @Test
    void anOlderFileStaysUntilTheGatewayHasBegun() throws Exception {
        Path older = Files.writeString(folder.resolve("older.pcapng"), "older");
        try (CaptureFile file = new CaptureFile(older.toString())) {
            assertEquals("older", Files.readString(older));
            file.begin();
            assertEquals(2, file.take(line(2, 30)));
        }
        assertEquals(30, Files.size(older));
        new CaptureFile(folder.resolve("none").toString()).close();
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void aFullDiskIsNamedWithTheFile() throws Exception {
        CaptureFile file = new CaptureFile("/dev/full");
        file.begin();
        CommandFailed failed = assertThrows(CommandFailed.class, () -> file.take(line(7, 100_000)));
        String message = String.valueOf(failed.getMessage());
        assertTrue(message.startsWith("--write /dev/full: No space left on device; the capture has ended"), message);
        assertEquals(1, failed.exit());
        file.close();
    }

    @Test
    void aFileThatCannotBeMadeIsNamedWithTheCause() {
        CaptureFile file = new CaptureFile(folder.resolve("missing/file").toString());
        CommandFailed failed = assertThrows(CommandFailed.class, file::begin);
        String message = String.valueOf(failed.getMessage());
        assertTrue(message.endsWith("missing/file: cannot be written: no such file"), message);
    }
}
