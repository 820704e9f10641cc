package dev.peregrine.dataplane.testing.live;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Whether the kernel of this machine answers ICMP over IPv4, on each of its CPUs. Each CPU has an ICMP socket, which
 * all network namespaces share; one that has lost its send buffer answers no echo and reports no unreachable port,
 * often until the machine is booted again: tests that wait for either would fail whatever Peregrine does. It can happen
 * at any time, so a test that misses an answer had better ask again. IPv6 has other sockets.
 */
public final class KernelEcho {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private static volatile boolean answered = true;

    private KernelEcho() {}

    /** Skips the calling test, loudly, when the kernel does not answer on the loopback interface. */
    public static void assumeAnswered() {
        if (!isAnswered()) {
            System.err.println("SKIPPED: this kernel does not answer 'ping 127.0.0.1'; boot it again to run the test");
        }
        Assumptions.assumeTrue(answered, "this kernel does not answer 'ping 127.0.0.1'");
    }

    /**
     * Skips the calling test, loudly, when the kernel failed to send an ICMP message over IPv4 in one of these
     * namespaces since they were made: an answer that a test misses may be that one.
     */
    public static void assumeNoneWithheld(List<Namespace> namespaces) {
        for (Namespace namespace : namespaces) {
            long withheld = icmpOutErrors(namespace.output("cat", "/proc/net/snmp"));
            if (withheld > 0) {
                String message = "the kernel failed to send %d ICMP messages in %s".formatted(withheld, namespace);
                System.err.println("SKIPPED: " + message);
                Assumptions.abort(message);
            }
        }
    }

    /** The counter {@code OutErrors} of the lines {@code Icmp:}, of which the first has the names. */
    private static long icmpOutErrors(String snmp) {
        List<List<String>> icmp = snmp.lines()
                .filter(line -> line.startsWith("Icmp:"))
                .map(line -> List.of(line.split(" ")))
                .toList();
        return Long.parseLong(icmp.get(1).get(icmp.get(0).indexOf("OutErrors")));
    }

    /**
     * Pings the loopback address from each CPU, unless that has failed before: one answer of three will do, since a
     * busy machine may be late. Without {@code ping}, it is answered.
     */
    public static boolean isAnswered() {
        answered = answered && answersOnEveryCpu();
        return answered;
    }

    private static boolean answersOnEveryCpu() {
        if (!Command.exists("taskset") || !Command.exists("ping")) {
            return true; // Let the test find out.
        }
        try {
            for (int cpu : CpuAffinity.current()) {
                List<String> ping = List.of(
                        "taskset", "-c", "" + cpu, "ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "127.0.0.1");
                if (Command.run(LIMIT, ping).exit() != 0) {
                    return false;
                }
            }
            return true;
        } catch (LinuxException e) {
            throw new LabError("CPUs of this process", e);
        }
    }
}
