package dev.peregrine.gateway.command.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The control sockets of the gateways that run here, in any network namespace, as far as this user may look into their
 * processes. For messages alone: it reads much of {@code /proc}.
 */
public final class GatewaySockets {
    private static final Path PROC = Path.of("/proc");
    private static final String PROGRAM = "dev.peregrine.gateway.";
    private static final int MOST = 8;
    private static final int ACCEPTS = 0x10000;

    /** Columns of {@code /proc/net/unix}: flags, type, state, inode, path. */
    private static final Pattern SPACES = Pattern.compile(" +");

    private GatewaySockets() {}

    /** At most eight of them, as in {@code /run/a.sock (pid 4711)}, without {@code asked}. */
    public static List<String> others(Path asked) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                for (String path : socketsOf(process)) {
                    boolean isOther = !Path.of(path).equals(asked.toAbsolutePath());
                    if (isOther && found.size() < MOST) found.add(path + " (pid " + process.getFileName() + ")");
                }
            }
        } catch (IOException unreadable) {
            return found;
        }
        found.sort(null);
        return found;
    }

    /** The process that accepts connections at a path; empty where this user cannot see it. */
    public static OptionalLong pid(Path socket) {
        String path = socket.toAbsolutePath().toString();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (socketsOf(process).contains(path)) {
                    return OptionalLong.of(Long.parseLong(String.valueOf(process.getFileName())));
                }
            }
        } catch (IOException unreadable) {
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    /** The configuration file that a gateway was started with, by its command line; empty where that cannot be seen. */
    public static Optional<Path> configuration(long pid) {
        Path process = PROC.resolve(String.valueOf(pid));
        try {
            String line = Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8);
            List<String> words = List.of(line.split("\0", -1));
            int option = words.indexOf("--config");
            if (option < 0 || option + 1 == words.size()) return Optional.empty();
            return Optional.of(Files.readSymbolicLink(process.resolve("cwd")).resolve(words.get(option + 1)));
        } catch (IOException hidden) {
            return Optional.empty();
        }
    }

    /**
     * The paths at which a process accepts connections; none where it is no gateway, has ended, or belongs to somebody
     * else.
     */
    private static List<String> socketsOf(Path process) {
        try {
            String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return line.contains(PROGRAM) ? listening(process, inodes(process)) : List.of();
        } catch (IOException hidden) {
            return List.of();
        }
    }

    private static Set<String> inodes(Path process) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.startsWith("socket:[")) inodes.add(target.substring(8, target.length() - 1));
            }
        }
        return inodes;
    }

    private static List<String> listening(Path process, Set<String> inodes) throws IOException {
        List<String> paths = new ArrayList<>();
        List<String> sockets = Files.readAllLines(process.resolve("net/unix"), StandardCharsets.ISO_8859_1);
        for (String socket : sockets.subList(1, sockets.size())) {
            String[] columns = SPACES.split(socket, 8);
            if (columns.length < 8 || !inodes.contains(columns[6])) continue;
            boolean accepts = (Integer.parseUnsignedInt(columns[3], 16) & ACCEPTS) != 0;
            // The JVM has a socket of its own for tools that attach to it.
            if (accepts && columns[7].startsWith("/") && !columns[7].contains("/.java_pid")) paths.add(columns[7]);
        }
        return paths;
    }
}
