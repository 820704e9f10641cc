package dev.peregrine.gateway.placement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The small files in which the kernel tells about itself. One that is missing or must not be read is empty: containers
 * have but some of them.
 */
public final class SystemFiles {
    /** More than a line about 8192 CPUs, or about all threads of the kernel, takes. */
    private static final int MOST_BYTES = 64 * 1024;

    private final Path root;

    /** {@code root} is where {@code proc} and {@code sys} are; paths are relative to it. */
    public SystemFiles(Path root) {
        this.root = root;
    }

    /** All that a file holds, up to 64 KiB. */
    public Optional<String> text(String path) {
        return text(path, MOST_BYTES);
    }

    /** The content of a file, at most {@code most} bytes: lists of all sockets are long. */
    public Optional<String> text(String path, int most) {
        try (InputStream in = Files.newInputStream(root.resolve(path))) {
            return Optional.of(new String(in.readNBytes(most), ISO_8859_1));
        } catch (IOException | SecurityException e) {
            return Optional.empty();
        }
    }

    /** The line that a file holds, without blanks around it. */
    public Optional<String> line(String path) {
        return text(path).map(String::strip);
    }

    /** A number that a file holds. */
    public Optional<Integer> number(String path) {
        return line(path).filter(text -> text.matches("-?\\d{1,9}")).map(Integer::valueOf);
    }

    /** The names in a folder, in their order there, and at most {@code most} of them. */
    public List<String> names(String folder, int most) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(folder))) {
            for (Path entry : entries) {
                if (names.size() == most) {
                    break;
                }
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (IOException | DirectoryIteratorException | SecurityException e) {
            return names;
        }
        return names;
    }

    /** Whether there is such a file or folder. */
    public boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    /** The last name of the folder that a symbolic link leads to; empty without one. */
    public String target(String path) {
        try {
            return String.valueOf(root.resolve(path).toRealPath().getFileName());
        } catch (IOException | SecurityException e) {
            return "";
        }
    }
}
