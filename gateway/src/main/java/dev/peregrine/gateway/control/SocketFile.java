package dev.peregrine.gateway.control;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** The control socket's place in the file system, before and after it is bound. */
final class SocketFile {

    private SocketFile() {}

    /** Makes the folder, private, if it is missing, and removes what a crashed gateway left. */
    static void prepare(Path socket, long uid) throws IOException {
        Path folder = socket.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            checkOwner(folder, uid);
        }
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) return;
        BasicFileAttributes attributes =
                Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isOther()) {
            throw new IOException(socket + " is there and is not a socket: remove it, or set control.socket");
        }
        if (answers(socket)) {
            throw new IOException("a gateway answers at " + socket + " already: stop it, or set control.socket");
        }
        Files.deleteIfExists(socket);
    }

    /** In a folder of somebody else's the socket could be replaced: /tmp/peregrine-UID is easily made first. */
    private static void checkOwner(Path folder, long uid) throws IOException {
        long owner = ((Number) Files.getAttribute(folder, "unix:uid")).longValue();
        if (uid != 0 && owner != uid && owner != 0) {
            throw new IOException(folder + " belongs to user " + owner + ": expected one of user " + uid + " or root");
        }
    }

    private static boolean answers(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (ConnectException refused) {
            return false;
        }
    }

    static void makePrivate(Path socket) throws IOException {
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    }
}
