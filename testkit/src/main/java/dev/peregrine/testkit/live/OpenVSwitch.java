package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.LabError;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Open vSwitch with its userspace datapath as the VTEP on one side of a lab, with the container behind it. Its
 * database, folder and processes are its own, so that an Open vSwitch that may run on this machine is not touched.
 *
 * <pre>
 *  uA ── br-phy (VTEP address)   br-int ── vxlan42
 *                                       ── port0 ─veth─ eth0 in cA
 * </pre>
 */
public final class OpenVSwitch implements AutoCloseable {
    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final Side own;
    private final Side other;
    private final Underlay underlay;
    private final Path folder;
    private final List<BackgroundProcess> daemons = new ArrayList<>();

    private OpenVSwitch(Side own, Side other, Underlay underlay, Path folder) {
        this.own = own;
        this.other = other;
        this.underlay = underlay;
        this.folder = folder;
    }

    /** Whether this machine has it. */
    public static boolean isInstalled() {
        return Files.exists(SCHEMA);
    }

    /** On host A of a lab. */
    public static OpenVSwitch start(Lab lab) {
        return start(lab.a(), lab.b(), lab.underlay());
    }

    /** On one side, for the VTEP on the other. */
    public static OpenVSwitch start(Side own, Side other, Underlay underlay) {
        OpenVSwitch started;
        try {
            started = new OpenVSwitch(own, other, underlay, Files.createTempDirectory("peregrine-ovs-"));
        } catch (IOException e) {
            throw new LabError("folder of Open vSwitch", e);
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
        daemons.add(BackgroundProcess.start(own.host().words(line)));
    }

    private String socket() {
        return "unix:" + folder.resolve("db.sock");
    }

    private void control(String... words) {
        List<String> line = new ArrayList<>(List.of("ovs-vsctl", "--timeout=10", "--db=" + socket()));
        line.addAll(List.of(words));
        Command.output(own.host().words(line));
    }

    /** It forwards checksums that are not filled in, and so both sides have to fill them in before. */
    private void configure() {
        Namespace host = own.host();
        Namespace container = own.container();
        int mtu = underlay.overlayMtu();
        other.host().output("ethtool", "-K", other.device(), "tx", "off");
        host.ip("link add port0 mtu %d type veth peer name eth0 mtu %d address %s netns %s"
                .formatted(mtu, mtu, own.mac(), container));
        host.ip("link set port0 up");
        container.ip("address add " + own.inner() + "/24 dev eth0");
        container.ip("link set eth0 up");
        container.output("ethtool", "-K", "eth0", "tx", "off");
        String physical = "add-br br-phy -- set bridge br-phy datapath_type=netdev -- add-port br-phy " + own.device();
        control(physical.split(" "));
        host.ip("address flush dev " + own.device());
        if (underlay.ipv6()) host.enableIpv6("br-phy");
        host.ip("address add %s/%d dev br-phy%s"
                .formatted(own.vtep(), underlay.prefixLength(), underlay.ipv6() ? " nodad" : ""));
        host.ip("link set br-phy mtu " + Underlay.MTU + " up");
        control("add-br br-int -- set bridge br-int datapath_type=netdev -- add-port br-int port0".split(" "));
        String tunnel =
                "add-port br-int vxlan%d -- set interface vxlan%d type=vxlan options:remote_ip=%s options:key=%d"
                        .formatted(Lab.VNI, Lab.VNI, other.vtep(), Lab.VNI);
        control(tunnel.split(" "));
    }

    /** Stops the switch where it is; its devices stay. */
    public void pause() {
        daemons.getLast().pause();
    }

    /** Lets it run again. */
    public void resume() {
        daemons.getLast().resume();
    }

    @Override
    public void close() {
        daemons.reversed().forEach(BackgroundProcess::close);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new LabError("folder of Open vSwitch", e);
        }
    }
}
