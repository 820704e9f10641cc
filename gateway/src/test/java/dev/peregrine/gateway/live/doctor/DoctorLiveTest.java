package dev.peregrine.gateway.live.doctor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Napi;
import dev.peregrine.dataplane.linux.netlink.Netdev;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.KernelEcho;
import dev.peregrine.gateway.live.lab.Await;
import dev.peregrine.gateway.live.lab.BackgroundProcess;
import dev.peregrine.gateway.live.lab.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.KernelVtep;
import dev.peregrine.gateway.live.lab.Lab;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Namespace;
import dev.peregrine.gateway.live.lab.Underlay;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults that are planted on a host, one at a time: {@code doctor} names each, and where its remedy is a command, that
 * command ends the complaint. Without them it complains of nothing.
 */
@LiveTest
class DoctorLiveTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private Lab lab;
    private Namespace host;

    @BeforeEach
    void begin() {
        lab = Lab.create(Underlay.IPV4_WIRE);
        host = lab.hB();
        lab.hA().output("ethtool", "-K", "uA", "tx", "off"); // as a network card, which fills checksums
    }

    @AfterEach
    void end() {
        lab.close();
    }

    private Path config() {
        return config(lab.gatewayConfigB());
    }

    private Path config(String text) {
        return Examination.file(folder, text);
    }

    /** Runs the first command of a remedy on the host, as an operator would copy it. */
    private void cure(String remedy) {
        host.output("sh", "-c", remedy.split(", or ", 2)[0]);
    }

    // ---- without a fault ----------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aHealthyHostHasNoWarning(Underlay underlay) {
        try (Lab healthy = Lab.create(underlay)) {
            Examination examination =
                    Examination.of(healthy.hB(), Examination.file(folder, healthy.gatewayConfigB()));
            examination.complainsOnlyOf();
            assertTrue(examination.count("ok") >= 20, examination::toString);
        }
    }

    @Test
    void aHealthyGatewayHasNoWarningAndIsSeenFromAnywhere() {
        lab.kernelVtepA();
        try (GatewayProcess gateway = GatewayProcess.start(host, lab.gatewayConfigB())) {
            try (BackgroundProcess traffic = traffic()) {
                Await.until(
                        LIMIT,
                        "the VTEP is heard",
                        () -> gateway.row("vtep", "address", lab.vtepA()).path("rxDatagrams").asLong() > 0,
                        gateway::counters);
                Examination own = Examination.of(host, gateway.socket().resolveSibling("gateway.yaml"));
                own.complainsOnlyOf();
                for (String check : List.of("gateway", "ports", "udp-port", "vteps", "losses")) own.isOk(check);
                own.says("inner-checksums", "ok", "0 of ", "");
                own.says("outer-checksums", "ok", "0 of ", "");
                Examination elsewhere = Examination.of(gateway.socket());
                elsewhere.complainsOnlyOf().says("udp-port", "ok", "is the gateway's", "");
                assertTrue(traffic.isAlive(), traffic::toString);
            }
        }
    }

    /** Datagrams from container A, without asking who has the address. */
    private BackgroundProcess traffic() {
        lab.cA().ip("neigh replace %s lladdr %s dev eth0".formatted(Lab.INNER_B, Lab.MAC_B));
        String loop = "exec 2>/dev/null; while :; do echo x >/dev/udp/" + Lab.INNER_B + "/9; read -t 0.02; done";
        return BackgroundProcess.start(lab.cA().words("bash", "-c", loop));
    }

    @Test
    void withoutRightsNothingFailsThatCannotBeSeen() {
        List<String> none = List.of("setpriv", "--bounding-set", "-all");
        Examination examination = Examination.of(host, config(), none);
        examination.says("firewall", "skip", "rules cannot be read", "as root");
        examination.says("inner-checksums", "skip", "CAP_NET_RAW", "");
        examination.complainsOnlyOf("capabilities", "receive-buffer", "send-buffer", "ports");
    }

    // ---- the process --------------------------------------------------------------------------------------------

    @Test
    void aMissingCapability() {
        Examination examination = Examination.of(host, config(), List.of("setpriv", "--bounding-set", "-sys_admin"));
        examination
                .complainsOnlyOf("capabilities")
                .says("capabilities", "fail", "no CAP_SYS_ADMIN: no ports in other", "AmbientCapabilities=CAP_SYS_ADMIN");
    }

    @Test
    void aReceiveBufferThatTheKernelDoesNotGrant() {
        String large = lab.gatewayConfigB().replace("device: uB", "device: uB, receiveBuffer: 512MiB");
        Examination examination =
                Examination.of(host, config(large), List.of("setpriv", "--bounding-set", "-net_admin"));
        examination.says("receive-buffer", "warn", "of 524288 KiB, net.core.rmem_max", "sysctl -w net.core.rmem_max=");
        examination.says("capabilities", "fail", "no CAP_NET_ADMIN", "AmbientCapabilities=CAP_NET_ADMIN");
    }

    @Test
    void noTunDevice() {
        List<String> hidden = List.of(
                "unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "sh");
        Examination.of(host, config(), hidden)
                .complainsOnlyOf("tun", "offloads")
                .says("tun", "fail", "/dev/net/tun is not there", "mknod -m 666 /dev/net/tun c 10 200");
    }

    @Test
    void aQuotaOfCpuTime() throws IOException {
        try (Quota quota = Quota.ofHalfACpu()) {
            Examination.withControlGroups(host, config(), quota.words())
                    .says("cpu-limit", "warn", "has a quota of 0.50 CPUs for 1 worker", "CPUQuota=200%");
        }
    }

    @Test
    void aControlSocketThatWasLeftBehind() throws IOException {
        Path config = config();
        Path socket = folder.resolve("control.sock");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        String remedy = Examination.of(host, config)
                .complainsOnlyOf("gateway")
                .says("gateway", "warn", "but no gateway", "rm " + socket);
        cure(remedy);
        assertFalse(Files.exists(socket));
        Examination.of(host, config).complainsOnlyOf();
    }

    @Test
    void aNamespaceThatIsNotThere() {
        String absent = "pgl" + ProcessHandle.current().pid() + ".0-absent";
        Path config = config(lab.gatewayConfigB().replace(lab.cB().name(), absent));
        Examination.of(host, config)
                .complainsOnlyOf("ports")
                .says("ports", "warn", "port web will wait: there is no network namespace", "ip netns add " + absent);
    }

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
        cure(remedy.replaceFirst("sysctl -w net.ipv4.conf.uB.rp_filter=2", "echo 2 >/proc/sys/net/ipv4/conf/uB/rp_filter"));
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
                .says("firewall", "fail", "in: inet fw in, drop by rule", "nft insert rule inet fw in udp dport 4789 accept");
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
                .says("firewall", "fail", "out: inet fw out, policy drop", "nft insert rule inet fw out udp dport 4789");
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

    private void nft(String words) {
        host.output("nft", "add table inet fw");
        host.output("nft", words);
    }

    private static void needs(String tool) {
        boolean present = Command.run(List.of("sh", "-c", "command -v " + tool)).exit() == 0;
        if (!present) System.err.println("SKIPPED: no " + tool + " on the PATH, so no fault of its kind was planted");
        assumeTrue(present, "no " + tool + " on the PATH");
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
                    .says("inner-checksums", "warn", "frames unfilled, from " + lab.vtepA(), "ethtool -K DEVICE tx off");
            lab.hA().output("ethtool", "-K", "uA", "tx", "off");
            Examination.of(host, config()).complainsOnlyOf().isOk("inner-checksums");
            assertTrue(traffic.isAlive(), traffic::toString);
        }
    }

    // ---- with a gateway -----------------------------------------------------------------------------------------

    @Test
    void aVtepThatIsNeverHeard() {
        needs("nft");
        lab.kernelVtepA();
        nft("add chain inet fw in { type filter hook input priority 0; policy accept; }");
        nft("add rule inet fw in udp dport 4789 drop");
        try (GatewayProcess gateway = GatewayProcess.start(host, lab.gatewayConfigB())) {
            Command.run(lab.cB().words("ping", "-c", "2", "-i", "0.2", "-W", "1", Lab.INNER_A));
            Examination examination = Examination.of(gateway.socket());
            examination.says("vteps", "warn", lab.vtepA() + " was sent", "look at the lines firewall");
            examination.says("firewall", "fail", "in: inet fw in, drop", "nft insert rule inet fw in udp dport 4789");
        }
    }

    @Test
    void aSenderThatIsNotAllowed() {
        lab.kernelVtepA();
        String config = lab.gatewayConfigB().replace("device: uB", "device: uB, allow: [192.0.2.0/24]");
        try (GatewayProcess gateway = GatewayProcess.start(host, config)) {
            Command.run(lab.cA().words("ping", "-c", "2", "-i", "0.2", "-W", "1", Lab.INNER_B));
            Examination.of(gateway.socket())
                    .says("losses", "warn", "VTEP_NOT_ALLOWED", "add the sender to flood or underlay.allow");
        }
    }
}
