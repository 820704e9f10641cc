package dev.peregrine.dataplane.linux.socket;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The queue in which the kernel parks packets for a neighbour whose link-layer address it does not know yet
 * ({@code unres_qlen_bytes}, arp(7)). The packets are charged to the socket that sent them.
 */
public final class UnresolvedQueue {
    /** The kernel's own default, for where the setting cannot be read. */
    static final int DEFAULT_BYTES = 212_992;

    private UnresolvedQueue() {}

    /**
     * The most bytes that the kernel parks for one neighbour, bookkeeping included: the largest of all interfaces'
     * settings in the calling thread's network namespace.
     */
    public static int bytes(ProtocolFamily family) {
        String version = family == StandardProtocolFamily.INET6 ? "ipv6" : "ipv4";
        int most = 0;
        try (DirectoryStream<Path> devices = Files.newDirectoryStream(Path.of("/proc/sys/net", version, "neigh"))) {
            for (Path device : devices) {
                most = Math.max(most, read(device.resolve("unres_qlen_bytes")));
            }
        } catch (IOException e) {
            return DEFAULT_BYTES;
        }
        return most == 0 ? DEFAULT_BYTES : most;
    }

    /** 0 when the interface has gone meanwhile. Read in one call: a second read of a setting returns nothing. */
    private static int read(Path setting) {
        try (BufferedReader reader = Files.newBufferedReader(setting)) {
            return Integer.parseInt(String.valueOf(reader.readLine()).strip());
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
