package dev.peregrine.gateway.doctor.plane;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.probe.FilteredPacket;
import dev.peregrine.gateway.doctor.probe.FirewallRules;
import dev.peregrine.gateway.doctor.probe.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Whether the UDP port of the shadow devices of a plane {@code evpn} is closed to other hosts. */
public final class ShadowPortCheck implements Check {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** For documentation (RFC 5737, RFC 3849): it stands for any host. */
    private static final InetAddress SOMEBODY = InetAddress.ofLiteral("203.0.113.1");

    private static final InetAddress SOMEBODY_6 = InetAddress.ofLiteral("2001:db8::1");

    @Override
    public String name() {
        return "shadow-port";
    }

    @Override
    public String about() {
        return "A rule of nftables drops what comes to the UDP port of the kernel's VXLAN devices that a plane `evpn` makes:"
                + " nothing is to come there.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        List<EvpnPlaneConfig> planes = subject.config().stream()
                .flatMap(config -> config.control().planes().planes().stream())
                .filter(EvpnPlaneConfig.class::isInstance)
                .map(EvpnPlaneConfig.class::cast)
                .filter(plane -> plane.engine() == EvpnPlaneConfig.Engine.FRR) // gobgpd needs no devices
                .toList();
        Optional<InetAddress> local = subject.local();
        if (planes.isEmpty() || local.isEmpty()) return Finding.skip("there is no control plane evpn");
        FirewallRules rules = new FirewallRules(ruleset());
        String device = subject.link().map(Link::name).orElse("");
        InetAddress source = subject.isIpv6() ? SOMEBODY_6 : SOMEBODY;
        Verdict verdict = new Verdict();
        for (EvpnPlaneConfig plane : planes) {
            List<FirewallRules.Drop> drops =
                    rules.drops(new FilteredPacket(source, local.get(), device, true, plane.port()));
            String port = "UDP port " + plane.port();
            if (drops.stream().anyMatch(FirewallRules.Drop::isCertain)) {
                verdict.well(
                        plane.name(), port + " is closed: " + drops.getFirst().text());
            } else {
                verdict.warned(
                        plane.name(),
                        port + (drops.isEmpty() ? " is open to other hosts" : " may be open to other hosts")
                                + ", and the kernel takes VXLAN there",
                        remedy(plane.port()));
            }
        }
        return verdict.finding();
    }

    /** A table of its own: whatever else the host has, this works. */
    private static String remedy(int port) {
        return "nft add table inet peregrine && nft 'add chain inet peregrine in { type filter hook input priority 0; }'"
                + " && nft add rule inet peregrine in udp dport " + port + " drop";
    }

    private static JsonNode ruleset() throws IOException {
        try {
            return JSON.readTree(Program.output("nft", "-j", "list", "ruleset"));
        } catch (IOException failure) {
            throw new IOException("rules of nftables cannot be read: " + failure.getMessage(), failure);
        }
    }
}
