package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.RunningGateway;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.UdpSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The UDP port of VXLAN. */
public final class UdpPortCheck implements Check {
    @Override
    public String name() {
        return "udp-port";
    }

    @Override
    public String about() {
        return "Nobody else holds the UDP port: not a kernel VXLAN device, nor another gateway or program.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        int port = subject.udpPort();
        InetAddress address = local.isPresent() ? local.get() : InetAddress.ofLiteral("0.0.0.0");
        List<UdpSockets.Holder> holders = UdpSockets.at(subject.files(), address, port);
        if (holders.isEmpty()) return free(subject, port);
        if (holders.stream().anyMatch(UdpSockets.Holder::isKernel)) return kernel(port);
        UdpSockets.Holder holder = holders.getFirst();
        Optional<String> process = UdpSockets.process(holder.inode());
        Optional<RunningGateway> gateway = subject.gateway();
        boolean isGateways = gateway.isPresent()
                && (process.isEmpty() || gateway.get().pid().isEmpty()
                        || process.get().endsWith("(pid " + gateway.get().pid().getAsLong() + ")"));
        if (isGateways) return Finding.ok("UDP port " + port + " is the gateway's");
        String found = "UDP port " + port + " of " + AddressText.of(holder.address()) + " is held by "
                + process.orElse("a process of user " + holder.uid());
        return Finding.fail(
                found,
                process.isPresent()
                        ? "stop it, or set underlay.port"
                        : "ss -lunp 'sport = " + port + "' as root names it; stop it, or set underlay.port");
    }

    private static Finding free(Subject subject, int port) {
        boolean waits = subject.gateway()
                .filter(gateway -> gateway.status().path("underlayState").asText("up").equals("up"))
                .isPresent();
        return waits
                ? Finding.warn("the gateway is up, but nothing holds UDP port " + port + " here",
                        "run doctor in its network namespace: nsenter -t PID -n peregrine doctor")
                : Finding.ok("UDP port " + port + " is free");
    }

    private static Finding kernel(int port) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            List<Link> devices = netlink.links().stream()
                    .filter(link -> link.isUp() && link.vxlan().filter(vxlan -> vxlan.port() == port).isPresent())
                    .toList();
            if (devices.isEmpty()) {
                return Finding.fail(
                        "the kernel itself holds UDP port " + port + ": a tunnel of another network namespace, or of"
                                + " another kind",
                        "ip -d link in all namespaces (ip -all netns exec ip -d link), or set underlay.port");
            }
            List<String> names = devices.stream()
                    .map(link -> link.name() + " (VNI " + link.vxlan().orElseThrow().vni() + ")")
                    .toList();
            String removal = devices.stream()
                    .limit(3)
                    .map(link -> "ip link del " + link.name())
                    .collect(Collectors.joining("; "));
            return Finding.fail(
                    "UDP port " + port + " is held by the kernel's VXLAN: " + Texts.few(names),
                    removal + (devices.size() > 3 ? "; …" : "") + ", or set underlay.port");
        }
    }
}
