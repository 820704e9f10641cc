package dev.peregrine.bench.wire.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Open vSwitch with its userspace datapath on host B. It has a database, a folder and processes of its own, so that an
 * Open vSwitch that may run on this machine is not touched.
 *
 * <pre>
 *  uB ── br-phy (198.18.0.2)   br-int ── vxlan42
 *                                     ── port0 ─veth─ eth0 in cB
 * </pre>
 *
 * <p>It forwards checksums that are not filled in, and so every side has to fill them in before.
 */
final class OpenVSwitch implements Installation {
    private static final double START_SECONDS = 15;
    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");

    private final Daemon database;
    private final Daemon daemon;

    private OpenVSwitch(Daemon database, Daemon daemon) {
        this.database = database;
        this.daemon = daemon;
    }

    static OpenVSwitch start(Lab lab) throws IOException {
        Path folder = Files.createDirectories(lab.work().resolve(lab.name() + "-ovs"));
        Path file = folder.resolve("conf.db");
        String socket = "unix:" + folder.resolve("db.sock");
        Files.deleteIfExists(file);
        Command.run(lab.work(), START_SECONDS, List.of("ovsdb-tool", "create", file.toString(), SCHEMA.toString()));
        Daemon database = Daemon.start(
                lab.work(),
                lab.name() + "-ovsdb",
                lab.on(
                        "hB",
                        "env",
                        "OVS_RUNDIR=" + folder,
                        "ovsdb-server",
                        file.toString(),
                        "--remote=p" + socket,
                        "--unixctl=" + folder.resolve("db.ctl")));
        Daemon daemon = null;
        try {
            database.await(START_SECONDS, log -> Files.exists(folder.resolve("db.sock")));
            control(lab, socket, "--no-wait", "init");
            daemon = Daemon.start(
                    lab.work(),
                    lab.name() + "-vswitchd",
                    lab.on(
                            "hB",
                            "env",
                            "OVS_RUNDIR=" + folder,
                            "ovs-vswitchd",
                            socket,
                            "--unixctl=" + folder.resolve("switch.ctl")));
            configure(lab, socket);
            return new OpenVSwitch(database, daemon);
        } catch (IOException failure) {
            if (daemon != null) {
                daemon.close();
            }
            database.close();
            throw failure;
        }
    }

    private static void configure(Lab lab, String socket) throws IOException {
        lab.run("hA", "ethtool", "-K", "uA", "tx", "off");
        lab.run(
                "hB",
                "ip",
                "link",
                "add",
                "port0",
                "mtu",
                "1550",
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "mtu",
                "1550",
                "address",
                "02:00:00:00:00:02",
                "netns",
                lab.name() + "-cB");
        lab.run("hB", "ip", "link", "set", "port0", "up");
        lab.run("cB", "ip", "address", "add", Lab.INNER_ADDRESS_B + "/24", "dev", "eth0");
        lab.addIpv6("cB", "eth0", Lab.INNER_ADDRESS6_B);
        lab.run("cB", "ip", "link", "set", "eth0", "up");
        lab.run("cB", "ethtool", "-K", "eth0", "tx", "off");
        control(
                lab,
                socket,
                "add-br",
                "br-phy",
                "--",
                "set",
                "bridge",
                "br-phy",
                "datapath_type=netdev",
                "--",
                "add-port",
                "br-phy",
                "uB");
        lab.run("hB", "ip", "address", "flush", "dev", "uB");
        lab.run("hB", "ip", "address", "add", Lab.VTEP_B + "/24", "dev", "br-phy");
        lab.run("hB", "ip", "link", "set", "br-phy", "mtu", "1600", "up");
        control(
                lab,
                socket,
                "add-br",
                "br-int",
                "--",
                "set",
                "bridge",
                "br-int",
                "datapath_type=netdev",
                "--",
                "add-port",
                "br-int",
                "port0",
                "--",
                "add-port",
                "br-int",
                "vxlan" + Lab.VNI,
                "--",
                "set",
                "interface",
                "vxlan" + Lab.VNI,
                "type=vxlan",
                "options:remote_ip=" + Lab.VTEP_A,
                "options:key=" + Lab.VNI);
    }

    private static void control(Lab lab, String socket, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ovs-vsctl", "--timeout=10", "--db=" + socket));
        command.addAll(List.of(words));
        lab.run("hB", command.toArray(String[]::new));
    }

    @Override
    public void resume() throws IOException {
        daemon.signal("CONT");
    }

    @Override
    public void pause() throws IOException {
        daemon.signal("STOP");
    }

    @Override
    public void close() {
        daemon.close();
        database.close();
    }
}
