package dev.peregrine.gateway.live.doctor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults of a host and its process that are planted, one at a time: {@code doctor} names each, and where its remedy is
 * a command, that command ends the complaint. Without them it complains of nothing.
 */
@LiveTest
class DoctorLiveTest extends PlantedFaults {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    // ---- without a fault ----------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void aHealthyHostHasNoWarning(Underlay underlay) {
        try (Lab healthy = Lab.create(underlay)) {
            Examination examination = Examination.of(healthy.hB(), Examination.file(folder, healthy.gatewayConfigB()));
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
                        () -> gateway.row("vtep", "address", lab.vtepA())
                                        .path("rxDatagrams")
                                        .asLong()
                                > 0,
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

    @Test
    void withoutRightsNothingFailsThatCannotBeSeen() {
        List<String> none = List.of("setpriv", "--bounding-set", "-all");
        Examination examination = Examination.of(host, config(), none);
        examination.says("firewall", "skip", "cannot be read", "as root");
        examination.says("inner-checksums", "skip", "CAP_NET_RAW", "");
        examination.complainsOnlyOf("capabilities", "receive-buffer", "send-buffer", "ports");
    }

    // ---- the process --------------------------------------------------------------------------------------------

    @Test
    void aMissingCapability() {
        Examination examination = Examination.of(host, config(), List.of("setpriv", "--bounding-set", "-sys_admin"));
        examination
                .complainsOnlyOf("capabilities")
                .says(
                        "capabilities",
                        "fail",
                        "no CAP_SYS_ADMIN: no ports in other",
                        "AmbientCapabilities=CAP_SYS_ADMIN");
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
        List<String> hidden =
                List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs none /dev/net && exec \"$@\"", "sh");
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
