package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.linux.socket.ConnectedSocket;
import dev.peregrine.dataplane.linux.socket.DatagramAddress;
import dev.peregrine.dataplane.linux.socket.NumberedPaths;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The sockets that a gateway has beside an application's Unix socket, one for each remote, for replies: {@code
 * PATH.PORT.WORKER.NNNN}.
 */
final class ReplySockets {
    private final Path application;
    private final String port;

    ReplySockets(Path application, String port) {
        this.application = application;
        this.port = port;
    }

    /** The paths of one worker. */
    NumberedPaths of(int worker) {
        return new NumberedPaths(application.resolveSibling(name() + worker));
    }

    /** Removes what a gateway that ended badly has left; sockets that somebody uses stay, and so does all else. */
    void removeStale() throws IOException {
        Path folder = Objects.requireNonNull(application.getParent(), "an absolute path has a folder");
        Pattern ours = Pattern.compile(Pattern.quote(name()) + "\\d{1,3}\\.[0-9a-f]{4}");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> isNamed(ours, file))) {
            for (Path file : files) {
                if (isStale(file)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return; // nor can there be anything stale
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private String name() {
        return application.getFileName() + "." + port + ".";
    }

    private static boolean isNamed(Pattern pattern, Path file) {
        return pattern.matcher(String.valueOf(file.getFileName())).matches();
    }

    private static boolean isStale(Path file) throws IOException {
        boolean isSocket = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther();
        if (!isSocket || file.toString().getBytes(StandardCharsets.UTF_8).length > DatagramAddress.PATH_LIMIT) {
            return false;
        }
        try (ConnectedSocket probe = new ConnectedSocket(DatagramAddress.unix(file))) {
            return probe.open() == -Errno.ECONNREFUSED; // one in use is connected to its application: EPERM
        }
    }
}
