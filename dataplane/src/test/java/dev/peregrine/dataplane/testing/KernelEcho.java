package dev.peregrine.dataplane.testing;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Whether the kernel of this machine answers ICMP over IPv4, on each of its CPUs. One that has lost buffers of its ICMP
 * sockets (there is one per CPU, for all network namespaces) answers no echo and reports no unreachable port there,
 * often until it is booted again: tests that wait for either would fail whatever Peregrine does. It can happen at any
 * time, so a test that misses an answer had better ask again.
 */
public final class KernelEcho {
    private static volatile boolean answered = true;

    private KernelEcho() {}

    /** Skips the calling test, loudly, when the kernel does not answer on the loopback interface. */
    public static void assumeAnswered() {
        answered = answered && answersOnEveryCpu();
        if (!answered) {
            System.err.println("SKIPPED: this kernel does not answer 'ping 127.0.0.1'; boot it again to run the test");
        }
        Assumptions.assumeTrue(answered, "this kernel does not answer 'ping 127.0.0.1'");
    }

    private static boolean answersOnEveryCpu() {
        try {
            for (int cpu : CpuAffinity.current()) {
                Process ping = new ProcessBuilder("taskset", "-c", "" + cpu, "ping", "-c", "1", "-W", "1", "127.0.0.1")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (!ping.waitFor(5, TimeUnit.SECONDS) || ping.exitValue() != 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return true; // no ping here: let the test find out
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
