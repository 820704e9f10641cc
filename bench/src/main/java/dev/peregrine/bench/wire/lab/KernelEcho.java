package dev.peregrine.bench.wire.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether this machine's kernel answers pings over IPv4 at all. One that has lost buffers of its ICMP sockets, which all
 * network namespaces share, answers none until it is booted again; those of IPv6 are different ones.
 */
public final class KernelEcho {
    private static final boolean ANSWERED = ping();

    private KernelEcho() {}

    /** Found out once, by a ping of the loopback address. */
    public static boolean isAnswered() {
        return ANSWERED;
    }

    private static boolean ping() {
        try {
            Path folder = Path.of(System.getProperty("java.io.tmpdir"));
            Command.run(folder, 5, List.of("ping", "-n", "-q", "-c", "2", "-i", "0.2", "-W", "1", "127.0.0.1"));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
