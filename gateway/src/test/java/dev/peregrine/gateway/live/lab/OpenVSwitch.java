package dev.peregrine.gateway.live.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Open vSwitch with its userspace datapath as the VTEP on host A of a lab, with container A behind it. Its database,
 * folder and processes are its own.
 *
 * <pre>
 *  uA ── br-phy (VTEP address)   br-int ── vxlan42
 *                                       ── port0 ─veth─ eth0 in cA
 * </pre>
 */
public final class OpenVSwitch implements AutoCloseable {
    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final Lab lab;
    private final Path folder;
    private final List<BackgroundProcess> daemons = new ArrayList<>();

    private OpenVSwitch(Lab lab, Path folder) {
        this.lab = lab;
        this.folder = folder;
    }

    /** Skips the test where Open vSwitch is not installed. */
    public static OpenVSwitch start(Lab lab) {
        Assumptions.assumeTrue(Files.exists(SCHEMA), "Open vSwitch is not installed");
        OpenVSwitch started;
        try {
            started = new OpenVSwitch(lab, Files.createTempDirectory("peregrine-ovs-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            started.startDaemons();
            started.configure();
            return started;
        } catch (Throwable e) {
            started.close();
            throw e;
        }
    }

    private void startDaemons() {
        Path database = folder.resolve("conf.db");
        Command.output("ovsdb-tool", "create", database.toString(), SCHEMA.toString());
        start(
                "ovsdb-server",
                database.toString(),
                "--remote=p" + socket(),
                "--unixctl=" + folder.resolve("database.ctl"));
        Await.until(LIMIT, "the database", () -> Files.exists(folder.resolve("db.sock")), () -> daemons);
        control("--no-wait", "init");
        start("ovs-vswitchd", socket(), "--unixctl=" + folder.resolve("switch.ctl"));
    }

    private void start(String... words) {
        List<String> line = new ArrayList<>(List.of("env", "OVS_RUNDIR=" + folder));
        line.addAll(List.of(words));
        daemons.add(BackgroundProcess.start(lab.hA().words(line)));
    }

    private String socket() {
        return "unix:" + folder.resolve("db.sock");
    }

    private void control(String... words) {
        List<String> line = new ArrayList<>(List.of("ovs-vsctl", "--timeout=10", "--db=" + socket()));
        line.addAll(List.of(words));
        Command.output(lab.hA().words(line));
    }

    /** It forwards checksums that are not filled in, and so both sides have to fill them in before. */
    private void configure() {
        Namespace hA = lab.hA();
        int mtu = lab.underlay().overlayMtu();
        lab.hB().output("ethtool", "-K", "uB", "tx", "off");
        hA.ip("link add port0 mtu %d type veth peer name eth0 mtu %d address %s netns %s"
                .formatted(mtu, mtu, Lab.MAC_A, lab.cA()));
        hA.ip("link set port0 up");
        lab.cA().ip("address add " + Lab.INNER_A + "/24 dev eth0");
        lab.cA().ip("link set eth0 up");
        lab.cA().output("ethtool", "-K", "eth0", "tx", "off");
        control("add-br br-phy -- set bridge br-phy datapath_type=netdev -- add-port br-phy uA".split(" "));
        hA.ip("address flush dev uA");
        if (lab.underlay().ipv6()) hA.enableIpv6("br-phy");
        hA.ip("address add %s/%d dev br-phy%s"
                .formatted(
                        lab.vtepA(),
                        lab.underlay().prefixLength(),
                        lab.underlay().ipv6() ? " nodad" : ""));
        hA.ip("link set br-phy mtu " + Underlay.MTU + " up");
        control("add-br br-int -- set bridge br-int datapath_type=netdev -- add-port br-int port0".split(" "));
        String tunnel =
                "add-port br-int vxlan%d -- set interface vxlan%d type=vxlan options:remote_ip=%s options:key=%d"
                        .formatted(Lab.VNI, Lab.VNI, lab.vtepB(), Lab.VNI);
        control(tunnel.split(" "));
    }

    @Override
    public void close() {
        daemons.reversed().forEach(BackgroundProcess::close);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
