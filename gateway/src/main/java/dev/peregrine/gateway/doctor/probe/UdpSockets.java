package dev.peregrine.gateway.doctor.probe;

import dev.peregrine.gateway.placement.SystemFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The UDP sockets of the calling thread's network namespace, as {@code /proc/net/udp} lists them. */
public final class UdpSockets {
    private static final int MOST_BYTES = 16 << 20;
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private UdpSockets() {}

    /** A socket: of a process, or of the kernel, whose VXLAN devices have some. */
    public record Holder(InetAddress address, long uid, long inode) {}

    /** Those that are in the way of a socket at an address and port: at that address, or at all of its family. */
    public static List<Holder> at(SystemFiles files, InetAddress address, int port) throws IOException {
        boolean ipv6 = address.getAddress().length == 16;
        String name = "proc/thread-self/net/" + (ipv6 ? "udp6" : "udp");
        String text = files.text(name, MOST_BYTES).orElseThrow(() -> new IOException("/" + name + " cannot be read"));
        List<Holder> holders = new ArrayList<>();
        for (String line : text.lines().skip(1).toList()) {
            String[] fields = SPACES.split(line.strip(), -1);
            if (fields.length < 10) continue;
            String[] local = fields[1].split(":", 2);
            if (Integer.parseInt(local[1], 16) != port) continue;
            InetAddress at = address(local[0]);
            if (at.isAnyLocalAddress() || at.equals(address)) {
                holders.add(new Holder(at, Long.parseLong(fields[7]), Long.parseLong(fields[9])));
            }
        }
        return holders;
    }

    /** Words of 32 bits, each in the byte order of the machine, which is little endian. */
    private static InetAddress address(String hex) throws UnknownHostException {
        byte[] words = HexFormat.of().parseHex(hex);
        byte[] address = new byte[words.length];
        for (int i = 0; i < words.length; i++) address[i] = words[i ^ 3];
        return InetAddress.getByAddress(address);
    }

    /** The process that has a socket open, as in {@code named (pid 4711)}, as far as this user may look. */
    public static Optional<String> process(long inode) {
        String socket = "socket:[" + inode + "]";
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (has(process, socket)) {
                    String name = Files.readString(process.resolve("comm")).strip();
                    return Optional.of(name + " (pid " + process.getFileName() + ")");
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean has(Path process, String socket) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.readSymbolicLink(descriptor).toString().equals(socket)) return true;
            }
            return false;
        } catch (IOException hidden) {
            return false;
        }
    }
}
