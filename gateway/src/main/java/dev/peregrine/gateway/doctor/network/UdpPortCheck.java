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
        int port = subject.udpPort();
        InetAddress address = subject.local().orElseGet(() -> InetAddress.ofLiteral("0.0.0.0"));
        List<UdpSockets.Holder> holders = UdpSockets.at(subject.files(), address, port);
        if (holders.isEmpty()) return free(subject, port);
        Optional<String> process = UdpSockets.process(holders.getFirst().inode());
        if (subject.gateway().filter(gateway -> holds(gateway, process)).isPresent()) {
            return Finding.ok("UDP port " + port + " is the gateway's");
        }
        List<Link> devices = devices(port);
        Optional<String> helper = subject.gateway().flatMap(UdpPortCheck::helper);
        if (devices.stream()
                .anyMatch(device -> helper.filter(device.name()::equals).isPresent())) {
            return Finding.ok("UDP port " + port + " is the gateway's, by its helper device " + helper.get()
                    + ", while it runs with rx-udp-gro-forwarding at the underlay");
        }
        return devices.isEmpty() ? other(holders.getFirst(), process, port) : kernel(devices, port);
    }

    private static Optional<String> helper(RunningGateway gateway) {
        return Optional.of(gateway.status().path("kernelTier").path("helper").asText(""))
                .filter(name -> !name.isEmpty());
    }

    /** Where its process cannot be seen, the one that holds the port is taken for it. */
    private static boolean holds(RunningGateway gateway, Optional<String> process) {
        return gateway.pid().isEmpty()
                || process.filter(name -> name.endsWith("(pid " + gateway.pid().getAsLong() + ")"))
                        .isPresent();
    }

    private static List<Link> devices(int port) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            return netlink.links().stream()
                    .filter(link -> link.isUp()
                            && link.vxlan()
                                    .filter(vxlan -> vxlan.port() == port)
                                    .isPresent())
                    .toList();
        }
    }

    private static Finding other(UdpSockets.Holder holder, Optional<String> process, int port) {
        String found = "UDP port " + port + " of " + AddressText.of(holder.address()) + " is held by ";
        return process.isPresent()
                ? Finding.fail(found + process.get(), "stop it, or set underlay.port")
                : Finding.fail(
                        found + "the kernel, or by a process of user " + holder.uid()
                                + " that cannot be seen from here",
                        "as root: ss -lunp 'sport = " + port
                                + "', ip -all netns exec ip -d link show type vxlan; or set" + " underlay.port");
    }

    private static Finding kernel(List<Link> devices, int port) {
        List<String> names = devices.stream()
                .map(link -> link.name() + " (VNI " + link.vxlan().orElseThrow().vni() + ")")
                .toList();
        String removal =
                devices.stream().map(link -> "ip link del " + link.name()).collect(Collectors.joining("; "));
        return Finding.fail(
                "UDP port " + port + " is held by the kernel's VXLAN: " + Texts.few(names),
                removal + ", or set underlay.port");
    }

    private static Finding free(Subject subject, int port) {
        boolean waits = subject.gateway()
                .filter(gateway ->
                        gateway.status().path("underlayState").asText("up").equals("up"))
                .isPresent();
        return waits
                ? Finding.warn(
                        "the gateway is up, but nothing holds UDP port " + port + " here",
                        "run doctor in its network namespace: nsenter -t PID -n peregrine doctor")
                : Finding.ok("UDP port " + port + " is free");
    }
}
