package dev.peregrine.gateway.live.doctor;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Napi;
import dev.peregrine.dataplane.linux.netlink.Netdev;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.KernelEcho;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults of an underlay that are planted, one at a time: {@code doctor} names each, and where its remedy is a command,
 * that command ends the complaint.
 */
@LiveTest
class DoctorUnderlayLiveTest extends PlantedFaults {
    // ---- the underlay -------------------------------------------------------------------------------------------

    @Test
    void anInterfaceThatIsDownAndAnAddressThatIsMissing() {
        host.ip("link set uB down");
        String remedy = Examination.of(host, config()).says("underlay", "fail", "uB is down", "ip link set uB up");
        cure(remedy);
        host.ip("address del %s/24 dev uB".formatted(lab.vtepB()));
        remedy = Examination.of(host, config())
                .says("underlay", "fail", "no interface has " + lab.vtepB(), "ip address add " + lab.vtepB() + "/24");
        cure(remedy);
        Examination.of(host, config()).complainsOnlyOf();
    }

    @Test
    void kernelDevicesHoldThePort() {
        for (int vni = 100; vni < 105; vni++) {
            host.ip("link add vx%d type vxlan id %d dev uB remote %s dstport 4789".formatted(vni, vni, lab.vtepA()));
            host.ip("link set vx%d up".formatted(vni));
        }
        Examination.of(host, config())
                .complainsOnlyOf("udp-port")
                .says(
                        "udp-port",
                        "fail",
                        "vx100 (VNI 100), vx101 (VNI 101), vx102 (VNI 102) and 2 more",
                        "ip link del vx100; ip link del vx101");
    }

    @Test
    void anotherProgramHoldsThePort() throws LinuxException {
        UdpSocket holder = NetNamespace.of(host.name()).call(() -> UdpSocket.open(StandardProtocolFamily.INET));
        try (holder) {
            holder.bind(InetAddress.ofLiteral("0.0.0.0"), 4789);
            String process = "(pid " + ProcessHandle.current().pid() + ")";
            Examination.of(host, config())
                    .complainsOnlyOf("udp-port")
                    .says("udp-port", "fail", process, "stop it, or set underlay.port");
        }
    }

    @Test
    void aVtepWithoutARoute() {
        Path config = config(lab.gatewayConfigB().replace("[\"" + lab.vtepA(), "[\"203.0.113.9"));
        Examination.of(host, config)
                .complainsOnlyOf("routes")
                .says("routes", "fail", "203.0.113.9 has no route", "ip route add 203.0.113.9 via");
    }

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aPathThatIsNarrowAndDoesNotSay(Underlay underlay) {
        if (!underlay.ipv6()) KernelEcho.assumeAnswered();
        try {
            seesANarrowPath(underlay);
        } catch (AssertionError missed) {
            if (!underlay.ipv6()) KernelEcho.assumeAnswered(); // it may have ceased to meanwhile
            throw missed;
        }
    }

    private void seesANarrowPath(Underlay underlay) {
        try (Lab narrow = Lab.create(underlay)) {
            narrow.hA().ip("link set uA mtu 1400");
            String remedy = Examination.of(narrow.hB(), config(narrow.gatewayConfigB()))
                    .complainsOnlyOf("path-mtu")
                    .says("path-mtu", "fail", " of 1600 bytes get through", "vnis[].mtu: ");
            int mtu = Integer.parseInt(remedy.replaceFirst("vnis\\[]\\.mtu: (\\d+), or .*", "$1"));
            int most = 1404 - (Underlay.MTU - underlay.overlayMtu()); // a veth lets a VLAN tag's 4 bytes more pass
            assertTrue(mtu <= most && mtu > most - 20, remedy); // a loaded host may lose answers
            String cured = narrow.gatewayConfigB().replace("- vni: 42\n", "- vni: 42\n    mtu: " + mtu + "\n");
            Examination.of(narrow.hB(), config(cured)).complainsOnlyOf();
        }
    }

    @Test
    void aVtepThatIsOff() {
        Path config = config(lab.gatewayConfigB().replace("[\"" + lab.vtepA(), "[\"198.18.0.77"));
        Examination.of(host, config)
                .complainsOnlyOf("path-mtu")
                .says("path-mtu", "fail", "no neighbour answers for 198.18.0.77", "ip neigh show 198.18.0.77");
    }

    @Test
    void aReversePathFilterAndARouteElsewhere() {
        lab.connect(lab.hA(), "wA", "198.18.1.1", host, "wB", "198.18.1.2");
        host.write("/proc/sys/net/ipv4/conf/uB/rp_filter", "1");
        Path config = config();
        Examination.of(host, config).complainsOnlyOf();
        host.ip("route add %s dev wB".formatted(lab.vtepA()));
        String remedy = Examination.of(host, config)
                .says(
                        "rp-filter",
                        "fail",
                        "the route to " + lab.vtepA() + " leaves by wB",
                        "sysctl -w net.ipv4.conf.uB.rp_filter=2");
        cure(remedy.replaceFirst(
                "sysctl -w net.ipv4.conf.uB.rp_filter=2", "echo 2 >/proc/sys/net/ipv4/conf/uB/rp_filter"));
        Examination.of(host, config).isOk("rp-filter");
    }

    // ---- firewalls ----------------------------------------------------------------------------------------------

    @Test
    void aFirewallThatDropsWhatComesIn() {
        needs("nft");
        nft("add chain inet fw in { type filter hook input priority 0; policy accept; }");
        nft("add rule inet fw in ct state invalid drop");
        nft("add rule inet fw in tcp dport 4789 drop");
        nft("add rule inet fw in udp dport 4790 drop");
        Examination.of(host, config()).complainsOnlyOf();
        nft("add rule inet fw in udp dport { 4000-4800, 53 } counter drop");
        String remedy = Examination.of(host, config())
                .complainsOnlyOf("firewall")
                .says(
                        "firewall",
                        "fail",
                        "in: inet fw in, drop by rule",
                        "nft insert rule inet fw in udp dport 4789 accept");
        cure(remedy);
        Examination.of(host, config()).complainsOnlyOf();
    }

    @Test
    void aFirewallThatDropsWhatGoesOut() {
        needs("nft");
        nft("add chain inet fw out { type filter hook output priority 0; policy drop; }");
        nft("add rule inet fw out meta l4proto icmp accept");
        String remedy = Examination.of(host, config())
                .complainsOnlyOf("firewall")
                .says(
                        "firewall",
                        "fail",
                        "out: inet fw out, policy drop",
                        "nft insert rule inet fw out udp dport 4789");
        cure(remedy);
        Examination.of(host, config()).complainsOnlyOf();
    }

    @Test
    void aFirewallThatMayDrop() {
        needs("nft");
        nft("add chain inet fw in { type filter hook input priority 0; policy accept; }");
        nft("add rule inet fw in udp dport 4789 limit rate over 10/second drop");
        Examination.of(host, config())
                .complainsOnlyOf("firewall")
                .says("firewall", "warn", "in perhaps: inet fw in, drop by rule", "nft list ruleset");
    }

    // ---- speed --------------------------------------------------------------------------------------------------

    @Test
    void anInterfaceThatMergesNothing() {
        host.output("ethtool", "-K", "uB", "gro", "off");
        String remedy = Examination.of(host, config())
                .complainsOnlyOf("gro")
                .says("gro", "warn", "rx-gro off at uB", "ethtool -K uB gro on");
        cure(remedy);
        Examination.of(host, config()).complainsOnlyOf();
    }

    @Test
    void anInterfacePortThatMergesNoUdp() {
        lab.connect(lab.hA(), "nA", "198.18.1.1", host, "nB", "198.18.1.2");
        Path config = config(lab.gatewayConfigB() + "      - {name: nic, type: interface, device: nB}\n");
        String remedy = Examination.of(host, config)
                .complainsOnlyOf("udp-gro-forwarding")
                .says("udp-gro-forwarding", "warn", "off at nB of port nic", "ethtool -K nB gro on");
        cure(remedy);
        Examination.of(host, config).complainsOnlyOf().isOk("udp-gro-forwarding");
    }

    @Test
    void aNapiThreadThatIsBoundToAWorkersCpu() throws LinuxException {
        int cpus = Runtime.getRuntime().availableProcessors();
        if (cpus < 2) System.err.println("SKIPPED: one CPU, so a worker and a NAPI thread cannot be apart");
        assumeTrue(cpus >= 2, "one CPU");
        int thread = napiThread();
        Path config = config(lab.gatewayConfigB() + "workers: {count: 1, cpus: [1]}\n");
        Examination.of(host, config).complainsOnlyOf();
        Command.output("taskset", "-pc", "1", String.valueOf(thread));
        String remedy = Examination.of(host, config)
                .complainsOnlyOf("napi-threads")
                .says("napi-threads", "warn", "is bound to CPU 1, where workers run (CPU 1)", "taskset -pc 0");
        cure(remedy);
        Examination.of(host, config).complainsOnlyOf();
    }

    private int napiThread() throws LinuxException {
        int thread = NetNamespace.of(host.name()).call(() -> {
            try (Netlink netlink = Netlink.open();
                    Netdev netdev = Netdev.open()) {
                return netdev.napis(netlink.link("uB").orElseThrow().index()).stream()
                        .mapToInt(Napi::thread)
                        .max()
                        .orElse(0);
            }
        });
        boolean visible = thread > 0 && Files.exists(Path.of("/proc/" + thread));
        if (!visible) System.err.println("SKIPPED: NAPI threads cannot be seen from this pid namespace");
        assumeTrue(visible, "NAPI threads cannot be seen");
        return thread;
    }

    @Test
    void aPeerThatSendsNoOuterChecksums() {
        int mtu = lab.underlay().overlayMtu();
        KernelVtep.add(lab.hA(), Lab.VNI, mtu, "uA", lab.vtepA(), lab.vtepB(), "dstport 4789 noudpcsum")
                .attach(lab.cA(), Lab.MAC_A, Lab.INNER_A);
        try (BackgroundProcess traffic = traffic()) {
            Examination.of(host, config())
                    .complainsOnlyOf("outer-checksums")
                    .says("outer-checksums", "warn", "datagrams without one, from " + lab.vtepA(), "udpcsum");
            assertTrue(traffic.isAlive(), traffic::toString);
        }
    }

    @Test
    void aPeerThatLeavesInnerChecksumsUnfilled() {
        lab.kernelVtepA();
        lab.hA().output("ethtool", "-K", "uA", "tx", "on");
        try (BackgroundProcess traffic = traffic()) {
            Examination.of(host, config())
                    .complainsOnlyOf("inner-checksums")
                    .says(
                            "inner-checksums",
                            "warn",
                            "frames unfilled, from " + lab.vtepA(),
                            "ethtool -K DEVICE tx off");
            lab.hA().output("ethtool", "-K", "uA", "tx", "off");
            Examination.of(host, config()).complainsOnlyOf().isOk("inner-checksums");
            assertTrue(traffic.isAlive(), traffic::toString);
        }
    }
}
