package dev.peregrine.gateway.doctor.host;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The local ports. */
public final class PortsCheck implements Check {
    @Override
    public String name() {
        return "ports";
    }

    @Override
    public String about() {
        return "Every local port is up; without a gateway, its namespace and interface are there.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        return subject.gateway().isPresent() ? running(subject.gateway().get().ports()) : planned(subject);
    }

    private static Finding running(JsonNode rows) {
        List<String> wrong = new ArrayList<>();
        boolean failed = false;
        for (JsonNode row : rows) {
            String state = row.path("state").asText();
            String problem = row.path("problem").asText("");
            String name = row.path("name").asText();
            if (!state.equals("up"))
                wrong.add(name + " is " + state + ": " + row.path("reason").asText());
            else if (!problem.isEmpty()) wrong.add(name + ": " + problem);
            failed |= state.equals("failed");
        }
        if (wrong.isEmpty()) return Finding.ok(Texts.count(rows.size(), "port") + " up");
        String found = Texts.few(wrong);
        return failed ? Finding.fail(found, "peregrine port list") : Finding.warn(found, "peregrine port list");
    }

    private static Finding planned(Subject subject) {
        if (subject.config().isEmpty()) return Finding.skip("neither a gateway nor a configuration tells of ports");
        Set<String> remedies = new LinkedHashSet<>();
        List<String> wrong = new ArrayList<>();
        for (PortConfig port : subject.ports()) {
            Optional<String> netns = port.netns();
            NetNamespace namespace = netns.map(NetNamespace::of).orElseGet(NetNamespace::current);
            if (!namespace.exists()) {
                wrong.add("port " + port.name() + " will wait: " + namespace.absence());
                remedies.add(namespace.name().contains("/") ? "ip netns list" : "ip netns add " + namespace.name());
            } else if (port instanceof InterfacePortConfig nic) {
                look(nic, namespace, wrong, remedies);
            }
        }
        return wrong.isEmpty()
                ? Finding.ok("namespaces and interfaces of "
                        + Texts.count(subject.ports().size(), "port") + " are there")
                : Finding.warn(Texts.few(wrong), String.join("; ", remedies));
    }

    private static void look(
            InterfacePortConfig port, NetNamespace namespace, List<String> wrong, Set<String> remedies) {
        try {
            Optional<Link> link = namespace.call(() -> {
                try (Netlink netlink = Netlink.open()) {
                    return netlink.link(port.device());
                }
            });
            if (link.isEmpty()) {
                wrong.add("interface " + port.device() + " of port " + port.name() + " is not there");
                remedies.add("ip link");
            } else if (!link.get().isUp()) {
                wrong.add("interface " + port.device() + " of port " + port.name() + " is down");
                remedies.add("ip link set " + port.device() + " up");
            }
        } catch (LinuxException e) {
            wrong.add("port " + port.name() + ": " + e.getMessage());
            remedies.add("run doctor as root");
        }
    }
}
