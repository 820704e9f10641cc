package dev.peregrine.dataplane.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectedSocketTest {
    private final MemorySegment buffer = Arena.ofAuto().allocate(100);

    @Test
    void receivesOnlyFromItsApplication(@TempDir Path directory) {
        Path path = directory.resolve("app");
        try (UnixApplication application = new UnixApplication(path);
                UnixApplication stranger = new UnixApplication(directory.resolve("stranger"));
                ConnectedSocket socket = new ConnectedSocket(DatagramAddress.unix(path))) {
            assertEquals(0, socket.open());
            assertEquals(3, socket.send(buffer.address(), 3));
            assertArrayEquals(new byte[3], application.receive());
            stranger.correspondAs(application);
            assertEquals(-Errno.EPERM, stranger.send(new byte[1]));
            assertEquals(-Errno.EAGAIN, socket.receive(buffer.address(), 100));
            assertEquals(1, application.send(new byte[5]));
            assertEquals(5, socket.receive(buffer.address(), 2), "the length of what did not fit");
            assertEquals(1, application.send(new byte[5]));
            assertEquals(1, socket.discard(10));
        }
    }

    @Test
    void saysThatTheApplicationIsMissingOrGone(@TempDir Path directory) {
        Path path = directory.resolve("app");
        try (ConnectedSocket socket = new ConnectedSocket(DatagramAddress.unix(path))) {
            assertEquals(-Errno.ENOENT, socket.open());
            assertEquals(-1, socket.fd());
            try (UnixApplication application = new UnixApplication(path)) {
                assertEquals(0, socket.open());
                assertEquals(3, socket.send(buffer.address(), 3));
                assertArrayEquals(new byte[3], application.receive());
            }
            assertEquals(-Errno.ECONNREFUSED, socket.send(buffer.address(), 3));
        }
    }

    @Test
    void refusesPathsThatDoNotFitASocketAddress() {
        assertThrows(IllegalArgumentException.class, () -> DatagramAddress.unix(Path.of("/" + "x".repeat(107))));
        assertEquals(
                "unix:/" + "x".repeat(106),
                DatagramAddress.unix(Path.of("/" + "x".repeat(106))).toString());
    }
}
