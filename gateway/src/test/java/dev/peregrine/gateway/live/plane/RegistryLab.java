package dev.peregrine.gateway.live.plane;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.LabError;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.testkit.live.EtcdServer;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Side;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Two gateways and a registry in etcd, in three namespaces, and a container behind each gateway. The registry knows
 * users and roles. Gateway A goes there by HTTP, gateway B by HTTPS with a certificate of its own. A follows a
 * directory, too.
 */
final class RegistryLab implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final String KEYS = "/peregrine/v1/vteps/";

    /** Of leases, in seconds. A gateway that was killed starts within two thirds of it on a busy machine. */
    static final int TTL = 12;

    /** Of watches, in seconds. */
    static final int WATCH = 6;

    /** In seconds. */
    static final int SHRINK_HOLD = 4;

    final Lab lab;
    final Certificates certificates;
    final EtcdServer etcd;
    GatewayProcess a;
    GatewayProcess b;

    private final Path folder;
    private final Namespace registry;

    /** Starts all, with files in a folder; returns when both gateways are ready. */
    RegistryLab(Path folder) {
        this.folder = folder;
        certificates = Certificates.in(folder);
        certificates.add("server", "/O=peregrine", "198.18.2.9", "198.18.4.9");
        certificates.add("gw", "/O=peregrine");
        lab = Lab.create(Underlay.IPV4_WIRE);
        try {
            registry = lab.add("reg");
            lab.connect(lab.hA(), "rA", "198.18.1.1", registry, "gA", "198.18.1.9");
            lab.connect(lab.hB(), "rB", "198.18.2.1", registry, "gB", "198.18.2.9");
            etcd = new EtcdServer(
                    folder, registry, serverOptions(), List.of("--command-timeout=60s", "--dial-timeout=60s"));
            roles();
            for (String name : List.of("claims.d", "cacheA", "cacheB")) Files.createDirectory(folder.resolve(name));
            // Before A starts: what is mounted later it does not see.
            Command.output("mount", "-t", "tmpfs", "-o", "size=64k", "none", cacheA().toString());
            for (Side side : List.of(lab.a(), lab.b())) allowIpv6(side.container());
            a = GatewayProcess.start(lab.hA(), configurationA());
            b = GatewayProcess.start(lab.hB(), configurationB());
        } catch (IOException e) {
            close();
            throw new LabError("files of the registry's lab", e);
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private List<String> serverOptions() {
        return List.of(
                "--cert-file=" + certificates.file("server.pem"),
                "--key-file=" + certificates.file("server.key"),
                "--trusted-ca-file=" + certificates.file("ca.pem"),
                "--client-cert-auth",
                "--bcrypt-cost=4");
    }

    /** As docs/control-etcd.md has it. */
    private void roles() throws IOException {
        etcd.control("user", "add", "root:r");
        etcd.control("user", "grant-role", "root", "root");
        for (Side side : List.of(lab.a(), lab.b())) {
            String name = "gw" + side.device();
            String own = KEYS + side.vtep();
            etcd.control("role", "add", name);
            etcd.control("role", "grant-permission", name, "read", "--prefix=true", "/peregrine/v1/");
            etcd.control("role", "grant-permission", name, "readwrite", own);
            etcd.control("role", "grant-permission", name, "readwrite", "--prefix=true", own + "/");
            etcd.control("user", "add", name + ":" + name);
            etcd.control("user", "grant-role", name, name);
            Path password = Files.writeString(folder.resolve(name), name + "\n");
            Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        }
        etcd.control("auth", "enable");
        etcd.login("root:r");
    }

    /** Lets devices that come have IPv6 addresses at once. */
    static void allowIpv6(Namespace container) {
        container.write("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
        container.write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "0");
    }

    private String configurationA() {
        String directory = "- {name: dir, type: file, path: %s}".formatted(folder.resolve("claims.d"));
        String reach = "endpoints: [\"http://198.18.1.9:%d\"], insecure: true".formatted(EtcdServer.PORT);
        return configuration(lab.a(), reach, directory, "[reg, dir]", "cacheA");
    }

    private String configurationB() {
        String reach = "endpoints: [\"https://198.18.2.9:%d\"], tls: %s"
                .formatted(EtcdServer.TLS_PORT, certificates.yaml("gw"));
        return configuration(lab.b(), reach, "", "[reg]", "cacheB");
    }

    private String configuration(Side side, String reach, String otherPlane, String planes, String cache) {
        return """
                underlay: {local: %s, device: %s}
                control:
                  cache: %s
                  hold: 60s
                  shrinkHold: %ds
                  drainDelay: 2s
                  duplicate: {action: freeze}
                  planes:
                    - {name: reg, type: etcd, %s, ttl: %ds, watchPeriod: %ds, user: gw%s, passwordFile: %s, allow: [198.18.0.0/16]}
                    %s
                vnis:
                  - vni: %d
                    control: %s
                    suppressNeighbours: true
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24, "%s/64"]}
                """.formatted(
                        side.vtep(),
                        side.device(),
                        folder.resolve(cache),
                        SHRINK_HOLD,
                        reach,
                        TTL,
                        WATCH,
                        side.device(),
                        folder.resolve("gw" + side.device()),
                        otherPlane,
                        Lab.VNI,
                        planes,
                        side.container(),
                        side.mac(),
                        side.inner(),
                        side.inner6());
    }

    /** A further host that reaches the registry at 198.18.4.9, with the address 198.18.4.1. */
    Namespace furtherHost() {
        Namespace host = lab.add("hC");
        lab.connect(host, "rC", "198.18.4.1", registry, "gC", "198.18.4.9");
        return host;
    }

    /** Directory of the file plane of gateway A. */
    Path claims() {
        return folder.resolve("claims.d");
    }

    /** Folder of A's last pictures: a disk of 64 KiB. */
    Path cacheA() {
        return folder.resolve("cacheA");
    }

    // ---- what others write ------------------------------------------------------------------------------------

    /** The key of a station. */
    static String key(String vtep, String mac) {
        return KEYS + vtep + "/vnis/" + Lab.VNI + "/macs/" + mac;
    }

    /** Writes keys as root, by one transaction. */
    void put(List<String> keys, String value) {
        String puts = String.join(
                "\n",
                keys.stream()
                        .map(key -> "put " + key + " \"" + value.replace("\"", "\\\"") + "\"")
                        .toList());
        List<String> line = etcd.line("txn");
        String quoted =
                String.join(" ", line.stream().map(word -> "'" + word + "'").toList());
        Command.output("sh", "-c", quoted + " <<'END'\n\n" + puts + "\n\n\nEND");
    }

    /** Stations of VTEPs that nobody has: number i is 02:00:00:00:09:i at 198.18.3.i. */
    static List<String> strangers(int from, int count) {
        List<String> keys = new ArrayList<>();
        for (int i = from; i < from + count; i++) keys.add(key("198.18.3." + i, mac(i)));
        return keys;
    }

    static String mac(int stranger) {
        return "02:00:00:00:09:%02x".formatted(stranger);
    }

    /** Removes all that was put for {@link #strangers}, and waits until A has forgotten them. */
    void removeStrangers() {
        etcd.control("del", "--prefix", KEYS + "198.18.3.");
        await("the strangers to go", () -> {
            a.json("control", "resync", "reg", "now");
            return !entries(a).contains("02:00:00:00:09:");
        });
    }

    // ---- what gateways have -----------------------------------------------------------------------------------

    /** Waits until each gateway has the other's container by the registry. */
    void awaitEachOther() {
        await("A to know B", () -> isKnown(a, Lab.MAC_B, lab.vtepB()));
        await("B to know A", () -> isKnown(b, Lab.MAC_A, lab.vtepA()));
    }

    boolean isKnown(GatewayProcess gateway, String mac, String vtep) {
        JsonNode entry = entry(gateway, mac);
        return entry != null
                && entry.path("vtep").asText().equals(vtep)
                && entry.path("origin").asText().equals("etcd")
                && entry.path("plane").asText().equals("reg");
    }

    /** The FDB entry of a MAC; null without. */
    static @Nullable JsonNode entry(GatewayProcess gateway, String mac) {
        for (JsonNode row : gateway.json("fdb", "list"))
            if (row.path("mac").asText().equals(mac)) return row;
        return null;
    }

    static String entries(GatewayProcess gateway) {
        return gateway.json("fdb", "list").toString();
    }

    boolean isIn(GatewayProcess gateway, String state) {
        return plane(gateway).path("state").asText().equals(state);
    }

    JsonNode plane(GatewayProcess gateway) {
        return gateway.row("control", "plane", "reg");
    }

    /** FDB entries that moved, and remembered decisions that ended, at both gateways. */
    String moved() {
        StringBuilder moved = new StringBuilder();
        for (GatewayProcess gateway : List.of(a, b)) {
            moved.append(gateway.row("vni", "vni", "" + Lab.VNI)
                            .path("fdbMoves")
                            .asLong())
                    .append(' ')
                    .append(gateway.json("flow", "stats").path("stale").asLong())
                    .append(' ');
        }
        return moved.toString();
    }

    void await(String what, BooleanSupplier condition) {
        await(PATIENCE, what, condition);
    }

    void await(Duration limit, String what, BooleanSupplier condition) {
        Await.until(limit, what, condition, this::toString);
    }

    /** Seconds until a condition is true. */
    double seconds(String what, BooleanSupplier condition) {
        long began = System.nanoTime();
        await(what, condition);
        return (System.nanoTime() - began) / 1e9;
    }

    /** The keys of the registry. */
    List<String> keys() {
        return etcd.control("get", "--prefix", "--keys-only", KEYS)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (GatewayProcess gateway : List.of(a, b)) {
            if (gateway.isAlive()) {
                text.append(entries(gateway)).append('\n');
                text.append(gateway.json("control", "list")).append('\n');
            }
            text.append(gateway).append('\n');
        }
        return text.toString();
    }

    @Override
    public void close() {
        try (lab) {
            if (a != null) a.close();
            if (b != null) b.close();
            if (etcd != null) etcd.close();
            Command.run(List.of("umount", cacheA().toString()));
        }
    }
}
