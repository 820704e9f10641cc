package dev.peregrine.gateway.doctor.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.config.model.FastpathConfig.Kernel;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.util.Optional;

/** Whether known flows pass in the kernel, where that is wanted. */
public final class KernelTierCheck implements Check {
    @Override
    public String name() {
        return "kernel-tier";
    }

    @Override
    public String about() {
        return "Known flows pass in the kernel, where `fastpath.kernel` wants it.";
    }

    @Override
    public Finding look(Subject subject) {
        Optional<JsonNode> tier =
                subject.gateway().map(gateway -> gateway.status().path("kernelTier"));
        if (tier.isPresent()) {
            return ofGateway(tier.get());
        }
        boolean isOff = subject.config()
                .filter(config -> config.fastpath().kernel() != Kernel.OFF)
                .isEmpty();
        return Finding.skip(isOff ? "fastpath.kernel is off" : "no gateway runs; the line bpf looks at the kernel");
    }

    private static Finding ofGateway(JsonNode tier) {
        String reason = tier.path("reason").asText("");
        if (!tier.path("wanted").asBoolean()) {
            return Finding.skip(reason);
        }
        String on =
                tier.path("flows").asLong() + " flows, " + tier.path("packets").asLong() + " packets so far";
        if (reason.isEmpty()) {
            return Finding.ok(on);
        }
        String found = (tier.path("enabled").asBoolean() ? on + "; " : "no flow passes in the kernel: ") + reason;
        return Finding.warn(found, tier.path("cure").asText(""));
    }
}
