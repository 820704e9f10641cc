package dev.peregrine.bench.wire.lab;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether this machine's kernel answers pings over IPv4, on every CPU. Each CPU has an ICMP socket, which all network
 * namespaces share; one that has lost its send buffer answers none. IPv6 has other sockets.
 */
public final class KernelEcho {
    private static final boolean ANSWERED = isAnsweredOnEachCpu();

    private KernelEcho() {}

    /** Found out once, by pings of the loopback address from each CPU. */
    public static boolean isAnswered() {
        return ANSWERED;
    }

    private static boolean isAnsweredOnEachCpu() {
        try {
            for (int cpu : CpuAffinity.current()) {
                ping(cpu);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void ping(int cpu) throws IOException {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        String onCpu = Integer.toString(cpu);
        Command.run(
                folder,
                5,
                List.of("taskset", "--cpu-list", onCpu, "ping", "-n", "-q", "-c", "1", "-W", "1", "127.0.0.1"));
    }
}
