package dev.peregrine.gateway.live.lab;

import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Whether a {@link Lab} can be made here. */
final class LiveCondition implements ExecutionCondition {
    private static final List<String> TOOLS = List.of("ip", "ping", "ethtool", "iperf3", "setpriv");

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
            for (String tool : TOOLS) if (!Command.exists(tool)) missing.add("no " + tool + " on the PATH");
            String live = Live.missing();
            if (!live.isEmpty()) missing.add(live);
            if (missing.isEmpty()) probeVxlan(missing);
            return missing;
        }

        private static void probeVxlan(List<String> missing) {
            try (Namespace probe = Namespace.create()) {
                String device = "ip -n " + probe + " link add probe type vxlan id 1 remote 192.0.2.1 dstport 4789";
                Command.Result vxlan = Command.run(List.of(device.split(" ")));
                if (vxlan.exit() != 0) {
                    missing.add(
                            "the kernel has no VXLAN device: " + vxlan.output().strip());
                }
            }
        }
    }
}
