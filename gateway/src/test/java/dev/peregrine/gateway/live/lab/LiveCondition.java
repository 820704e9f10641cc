package dev.peregrine.gateway.live.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Whether a {@link Lab} can be made here. */
final class LiveCondition implements ExecutionCondition {
    private static final List<String> TOOLS = List.of("ip", "ping", "ethtool", "iperf3");

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Missing.TEXT.isEmpty()
                ? ConditionEvaluationResult.enabled("namespaces, /dev/net/tun and tools are here")
                : ConditionEvaluationResult.disabled(Missing.TEXT);
    }

    /** Looked for once, when first asked. */
    private static final class Missing {
        static final String TEXT = String.join("; ", find());

        static {
            if (!TEXT.isEmpty()) {
                System.err.println("""

                        ==========================================================================
                        THE LIVE TESTS ARE SKIPPED: nothing here shows that real traffic goes through.
                        %s
                        ==========================================================================
                        """.formatted(TEXT));
            }
        }

        private static List<String> find() {
            List<String> missing = new ArrayList<>();
            for (String tool : TOOLS) if (!onPath(tool)) missing.add("no " + tool + " on the PATH");
            if (!Files.isWritable(Path.of("/dev/net/tun"))) missing.add("/dev/net/tun is not there or not writable");
            if (missing.isEmpty()) probe(missing);
            return missing;
        }

        private static void probe(List<String> missing) {
            String name = "pgl" + ProcessHandle.current().pid() + ".0-probe";
            Command.Result added = Command.run(List.of("ip", "netns", "add", name));
            if (added.exit() != 0) {
                missing.add(
                        "network namespaces cannot be made: " + added.output().strip());
                return;
            }
            String device = "ip -n " + name + " link add probe type vxlan id 1 remote 192.0.2.1 dstport 4789";
            Command.Result vxlan = Command.run(Arrays.asList(device.split(" ")));
            if (vxlan.exit() != 0)
                missing.add("the kernel has no VXLAN device: " + vxlan.output().strip());
            Namespace.sweep(name);
        }

        private static boolean onPath(String tool) {
            String path = System.getenv().getOrDefault("PATH", "");
            return Arrays.stream(path.split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
        }
    }
}
