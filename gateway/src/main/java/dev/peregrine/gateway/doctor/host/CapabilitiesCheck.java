package dev.peregrine.gateway.doctor.host;

import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.probe.Capability;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rights of the process. */
public final class CapabilitiesCheck implements Check {
    @Override
    public String name() {
        return "capabilities";
    }

    @Override
    public String about() {
        return "The process has the capabilities that the configuration needs; each that is missing is named with its cost.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Set<Capability> held = Capability.of(subject.files(), subject.process())
                .orElseThrow(() -> new IOException("/" + subject.process() + "/status cannot be read"));
        if (subject.config().isEmpty() && subject.gateway().isPresent()) {
            return Finding.skip(
                    "has " + String.join(", ", names(held)) + "; those needed follow from the configuration");
        }
        Map<Capability, String> needed = needed(subject);
        List<Capability> missing =
                needed.keySet().stream().filter(one -> !held.contains(one)).toList();
        if (missing.isEmpty()) {
            return Finding.ok(needed.isEmpty() ? "none needed" : "has " + String.join(", ", names(needed.keySet())));
        }
        String words = String.join(" ", names(missing));
        String found = missing.stream()
                .map(one -> "no " + one + ": " + needed.get(one))
                .collect(Collectors.joining("; "));
        String remedy = "run as root, or systemctl edit peregrine: AmbientCapabilities=" + words;
        boolean fails = subject.config().isPresent()
                && missing.stream().anyMatch(one -> one != Capability.CAP_SYS_NICE && one != buffers(subject, needed));
        return fails ? Finding.fail(found, remedy) : Finding.warn(found, remedy);
    }

    /** CAP_NET_ADMIN, where only buffers want it. */
    private static @Nullable Capability buffers(Subject subject, Map<Capability, String> needed) {
        boolean hasTap = subject.ports().stream().anyMatch(TapPortConfig.class::isInstance);
        return !hasTap && needed.containsKey(Capability.CAP_NET_ADMIN) ? Capability.CAP_NET_ADMIN : null;
    }

    private static List<String> names(Iterable<Capability> capabilities) {
        List<String> names = new ArrayList<>();
        capabilities.forEach(one -> names.add(one.name()));
        return names;
    }

    /** Those that the configuration needs, all without one, and what is lost without them. */
    private static Map<Capability, String> needed(Subject subject) {
        Map<Capability, String> needed = new EnumMap<>(Capability.class);
        boolean all = subject.config().isEmpty();
        List<PortConfig> ports = subject.ports();
        if (all || ports.stream().anyMatch(TapPortConfig.class::isInstance)) {
            needed.put(Capability.CAP_NET_ADMIN, "no TAP ports, and buffers within net.core.rmem_max and wmem_max");
        } else if (exceeds(subject)) {
            needed.put(Capability.CAP_NET_ADMIN, "the receive buffer stays within net.core.rmem_max");
        }
        if (all || ports.stream().anyMatch(InterfacePortConfig.class::isInstance)) {
            needed.put(Capability.CAP_NET_RAW, "no interface ports");
        }
        if (all || ports.stream().anyMatch(port -> port.netns().isPresent())) {
            needed.put(Capability.CAP_SYS_ADMIN, "no ports in other network namespaces");
        }
        if (all || subject.config().orElseThrow().workers().nice().orElse(0) < 0) {
            needed.put(Capability.CAP_SYS_NICE, "workers.nice below 0 has no effect");
        }
        int unprivileged = subject.files()
                .number("proc/sys/net/ipv4/ip_unprivileged_port_start")
                .orElse(1024);
        if (subject.udpPort() < unprivileged) {
            needed.put(Capability.CAP_NET_BIND_SERVICE, "UDP port " + subject.udpPort() + " cannot be bound");
        }
        return needed;
    }

    private static boolean exceeds(Subject subject) {
        long wanted = subject.config().orElseThrow().underlay().receiveBufferBytes();
        return subject.files().number("proc/sys/net/core/rmem_max").orElse(Integer.MAX_VALUE) < wanted;
    }
}
