package dev.peregrine.vxlan.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.NetNamespace;
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
        String output = run(List.of("ip", "netns", "add", name));
        if (!output.isEmpty()) {
            System.err.println("SKIPPED a live test: ip netns add: " + output.strip());
        }
        Assumptions.assumeTrue(output.isEmpty(), "ip netns add: " + output.strip());
    }

    /** Runs {@code ip} there; it must succeed. */
    void ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        command.addAll(List.of(arguments));
        assertEquals("", run(command), () -> String.join(" ", command));
    }

    /** What the command printed, or why it failed. */
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
