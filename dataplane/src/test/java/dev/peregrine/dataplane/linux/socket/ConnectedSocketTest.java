package dev.peregrine.dataplane.linux.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.testing.UnixApplication;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
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
        Path prefix = Path.of("/" + "x".repeat(101));
        assertThrows(IllegalArgumentException.class, () -> new NumberedPaths(Path.of(prefix + "x")));
        assertEquals(0, new NumberedPaths(prefix).lastErrno());
        assertEquals(
                "unix:/" + "x".repeat(106),
                DatagramAddress.unix(Path.of("/" + "x".repeat(106))).toString());
    }

    @Test
    void hasAPathWhileItIsOpen(@TempDir Path directory) {
        Path path = directory.resolve("app");
        NumberedPaths paths = new NumberedPaths(directory.resolve("own"));
        try (UnixApplication application = new UnixApplication(path);
                ConnectedSocket socket = new ConnectedSocket(DatagramAddress.unix(path), paths, 0xbeef)) {
            for (int life = 0; life < 2; life++) {
                assertEquals(0, socket.open());
                assertTrue(Files.exists(directory.resolve("own.beef")));
                assertEquals(3, socket.send(buffer.address(), 3));
                assertArrayEquals(new byte[3], application.receive());
                assertEquals(1, application.send(new byte[5]));
                assertEquals(5, socket.receive(buffer.address(), 100));
            }
        }
        assertFalse(Files.exists(directory.resolve("own.beef")));
    }

    @Test
    void leavesAPathThatIsTakenAlone(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("app");
        Path taken = Files.createFile(directory.resolve("own.0001"));
        NumberedPaths paths = new NumberedPaths(directory.resolve("own"));
        try (UnixApplication application = new UnixApplication(path);
                ConnectedSocket socket = new ConnectedSocket(DatagramAddress.unix(path), paths, 1)) {
            assertEquals(0, socket.open());
            assertEquals(Errno.EADDRINUSE, paths.lastErrno());
            assertEquals(3, socket.send(buffer.address(), 3));
            assertArrayEquals(new byte[3], application.receive());
        }
        assertTrue(Files.exists(taken));
    }

    /** The owner of the folder may put a link to any file in the socket's place before it is opened to all. */
    @Test
    void opensItsOwnFileToAllAndNoOther(@TempDir Path directory) throws IOException {
        Set<PosixFilePermission> secret = PosixFilePermissions.fromString("rw-------");
        Path victim = Files.createFile(directory.resolve("victim"), PosixFilePermissions.asFileAttribute(secret));
        Path path = directory.resolve("app");
        Path own = directory.resolve("own.0001");
        NumberedPaths paths = new NumberedPaths(directory.resolve("own"));
        try (UnixApplication application = new UnixApplication(path);
                ConnectedSocket socket = new ConnectedSocket(DatagramAddress.unix(path), paths, 1)) {
            assertEquals(0, socket.open());
            assertEquals("rw-rw-rw-", permissions(own));
            Path moved = Files.move(own, directory.resolve("moved"));
            Files.setPosixFilePermissions(moved, secret);
            Files.createSymbolicLink(own, victim);
            int result = paths.openToAll(socket.fd());
            assertEquals("rw-------", permissions(victim));
            assertTrue(result < 0 || permissions(moved).equals("rw-rw-rw-"));
            assertEquals(3, socket.send(buffer.address(), 3));
            assertArrayEquals(new byte[3], application.receive());
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
