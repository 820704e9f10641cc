package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A network namespace of a test's own, deleted on close; where none can be made, the test is skipped, and says why. */
final class Namespace implements AutoCloseable {
    private final String name = "vxl-" + ProcessHandle.current().pid() + "-" + System.nanoTime() % 100_000;
    final NetNamespace entered = NetNamespace.of(name);

    Namespace() {
        assume("ip netns add", run(List.of("ip", "netns", "add", name)));
    }

    /** Runs {@code ip} there; it must succeed. */
    void ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        command.addAll(List.of(arguments));
        assertEquals("", run(command), () -> String.join(" ", command));
    }

    /** Lets a device send a few bytes a second only; where the kernel cannot, the test is skipped, and says why. */
    void slow(String device) {
        String queue = "qdisc add dev " + device + " root tbf rate 8kbit burst 100kb limit 1gb";
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", name, "tc"));
        command.addAll(List.of(queue.split(" ")));
        assume("tc " + queue, run(command));
    }

    private static void assume(String what, String output) {
        if (!output.isEmpty()) {
            System.err.println("SKIPPED a live test: " + what + ": " + output.strip());
        }
        Assumptions.assumeTrue(output.isEmpty(), what + ": " + output.strip());
    }

    /** The output of the command, or why it failed. */
    private static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            return exit == 0 ? output : output + " (exit " + exit + ")";
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        assertEquals("", run(List.of("ip", "netns", "del", name)));
    }
}
