package dev.peregrine.gateway.live.plane;

import static dev.peregrine.gateway.live.plane.RegistryLab.KEYS;
import static dev.peregrine.gateway.live.plane.RegistryLab.entries;
import static dev.peregrine.gateway.live.plane.RegistryLab.entry;
import static dev.peregrine.gateway.live.plane.RegistryLab.key;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.testkit.live.EtcdServer;
import dev.peregrine.testkit.live.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways whose configuration has a registry, with roles and TLS, and no remote VTEP. */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RegistryTest {
    /** Of a station that goes from one gateway to the other. */
    private static final String MAC_M = "02:00:00:00:00:0a";

    private static final String INNER_M = "fd19::a";
    private static final String MAC_TWICE = "02:00:00:00:00:0d";
    private static final int TICKS_A_SECOND = 100;

    private RegistryLab lab;
    private long readyAt;

    @BeforeAll
    void start(@TempDir Path folder) {
        lab = new RegistryLab(folder);
        readyAt = System.nanoTime();
    }

    @AfterAll
    void end() {
        if (lab != null) lab.close();
    }

    @Test
    @Order(1)
    void gatewaysThatKnowNobodyReachEachOtherAndAskNobody() {
        lab.awaitEachOther();
        long requests = requests();
        try (Pinging pings = Pinging.start(lab.lab.cA(), Lab.INNER6_B)) {
            double seconds = (System.nanoTime() - readyAt) / 1e9;
            Figures.print("registry: a ping was answered %.2f s after the second gateway was ready".formatted(seconds));
            // Some four; a call to the registry that a busy machine lets time out is made again.
            assertTrue(seconds < 15, () -> seconds + " s");
            assertEquals(0, pings.lost(), pings::toString);
        }
        assertEquals(requests, requests(), "requests went over the underlay");
        for (GatewayProcess gateway : List.of(lab.a, lab.b)) {
            assertTrue(vni(gateway).path("neighbourAnswers").asLong() > 0, "the neighbour was known without asking");
        }
    }

    /** ARP requests and neighbour solicitations that passed a gateway. */
    private long requests() {
        return vni(lab.a).path("neighbourRequests").asLong()
                + vni(lab.b).path("neighbourRequests").asLong();
    }

    private static JsonNode vni(GatewayProcess gateway) {
        return gateway.row("vni", "vni", "" + Lab.VNI);
    }

    @Test
    @Order(2)
    void aMovedFileMovesAMacAndABrokenOneNothing() throws IOException {
        Path file = lab.claims().resolve("h9.json");
        claimInFile(file, "198.18.3.1", "");
        lab.await("the file's station", () -> isAt("198.18.3.1"));
        claimInFile(file, "198.18.3.2", "");
        double seconds = lab.seconds("it to move", () -> isAt("198.18.3.2"));
        Figures.print("file: a MAC moved %.2f s after the file".formatted(seconds));
        assertTrue(seconds < 10, () -> seconds + " s");
        String before = entries(lab.a);
        claimInFile(file, "198.18.3.3", "oops");
        lab.await("the file to be refused", () -> fileError().contains("h9.json:3"));
        assertEquals("198.18.3.2", vtep(lab.a, MAC_M), before);
        Files.delete(file);
        lab.await("the station to go", () -> entry(lab.a, MAC_M) == null);
    }

    private static void claimInFile(Path file, String vtep, String broken) throws IOException {
        Path beside = file.resolveSibling(".beside");
        Files.writeString(beside, """
                {"v": 1, "vteps": [{"vtep": "%s", "vnis": [{"vni": 42, "macs": [
                  {"mac": "%s"}]}]}
                  %s]}
                """.formatted(vtep, MAC_M, broken));
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private String fileError() {
        return lab.a.row("control", "plane", "dir").path("lastError").asText();
    }

    private boolean isAt(String vtep) {
        return vtep.equals(vtep(lab.a, MAC_M));
    }

    private static String vtep(GatewayProcess gateway, String mac) {
        JsonNode entry = entry(gateway, mac);
        return entry == null ? "" : entry.path("vtep").asText();
    }

    @Test
    @Order(3)
    void forgedKeysAreRefusedAndHarmNobody() {
        try (Pinging pings = Pinging.start(lab.lab.cA(), Lab.INNER6_B)) {
            Command.Result foreign = Command.run(asGatewayA("put", KEYS + lab.lab.vtepB() + "/vnis/43", "{}"));
            assertNotEquals(0, foreign.exit(), "A wrote what belongs to B");
            assertTrue(foreign.output().contains("permission denied"), foreign::output);
            long refused = refused();
            lab.put(List.of(key("198.18.3.1", MAC_M)), "{\"vtep\":\"198.18.0.2\"}");
            lab.await("a foreign VTEP in a value is refused", () -> lastError().contains("vtep"));
            lab.put(List.of(key("192.0.2.1", MAC_M)), "{}");
            lab.await("a VTEP outside allow is refused", () -> lastError().contains("192.0.2.1"));
            lab.put(List.of(key("198.18.3.1", Lab.MAC_A)), "{}");
            lab.await("a port's MAC is a conflict", () -> claims(Lab.MAC_A).contains("conflicts"));
            assertTrue(refused() >= refused + 2, () -> refused() + " of " + refused);
            assertEquals("", vtep(lab.a, MAC_M), "nothing came of it");
            assertEquals(
                    "web",
                    Objects.requireNonNull(entry(lab.a, Lab.MAC_A)).path("port").asText());
            assertEquals(lab.lab.vtepA(), vtep(lab.b, Lab.MAC_A), "the lower address wins");
            assertEquals(0, pings.lost(), pings::toString);
        }
        lab.etcd.control("del", "--prefix", KEYS + "198.18.3.");
        lab.etcd.control("del", "--prefix", KEYS + "192.");
        lab.await("no more conflict", () -> !claims(Lab.MAC_A).contains("conflicts"));
    }

    private List<String> asGatewayA(String... words) {
        List<String> line = lab.etcd.line(words);
        return line.stream()
                .map(word -> word.equals("--user=root:r") ? "--user=gwuA:gwuA" : word)
                .toList();
    }

    private long refused() {
        return lab.plane(lab.a).path("refused").asLong();
    }

    private String lastError() {
        return lab.plane(lab.a).path("lastError").asText();
    }

    private String claims(String mac) {
        return lab.a.json("control", "claims", "mac", mac).toString();
    }

    @Test
    @Order(4)
    void aCertificateWithACommonNameIsRefusedWithTheReason() {
        lab.certificates.add("named", "/O=peregrine/CN=gw1");
        Namespace host = lab.furtherHost();
        try (GatewayProcess gateway = GatewayProcess.start(host, """
                underlay: {local: 198.18.4.1, device: rC}
                control:
                  cache: off
                  planes:
                    - {name: reg, type: etcd, endpoints: ["https://198.18.4.9:%d"], tls: %s, user: gwuA, passwordFile: %s}
                vnis: [{vni: 42, control: [reg], mtu: 1450}]
                """.formatted(
                        EtcdServer.TLS_PORT, lab.certificates.yaml("named"), lab.certificates.file("gwuA")))) {
            lab.await("the plane to be refused", () -> lab.isIn(gateway, "refused"));
            String why = lab.plane(gateway).path("lastError").asText();
            assertTrue(why.contains("CommonName"), why);
        }
    }

    @Test
    @Order(5)
    void aMacGoesFromOneGatewayToTheOther() {
        Namespace moving = lab.lab.add("cM");
        RegistryLab.allowIpv6(moving);
        addPort(lab.a, "mov", moving, MAC_M, INNER_M);
        lab.await("B to know it at A", () -> lab.isKnown(lab.b, MAC_M, lab.lab.vtepA()));
        try (Pinging pings = Pinging.start(lab.lab.cB(), INNER_M)) {
            long began = System.nanoTime();
            lab.a.json("port", "del", "mov");
            addPort(lab.b, "mov", moving, MAC_M, INNER_M);
            double pause = (System.nanoTime() - began) / 1e9;
            lab.await("A to know it at B", () -> lab.isKnown(lab.a, MAC_M, lab.lab.vtepB()));
            double gap = pings.longestGapSeconds();
            Figures.print("a MAC moved: no answer for %.2f s, of which %.2f s were its port's pause, %d lost"
                    .formatted(gap, pause, pings.lost()));
            assertTrue(gap < pause + 5, () -> gap + " s, the port's pause " + pause + " s");
        }
        String claims = lab.a.json("control", "claims", "mac", MAC_M).toString();
        assertEquals(1, claims.split("\"wins\"", -1).length - 1, claims);
        assertTrue(claims.contains("\"sequence\":1"), claims);
        lab.await(
                "A's own to be gone",
                () -> lab.keys().stream().noneMatch(key -> key.equals(key(lab.lab.vtepA(), MAC_M))));
        lab.b.json("port", "del", "mov");
        lab.await("A to forget it", () -> entry(lab.a, MAC_M) == null);
    }

    private static void addPort(GatewayProcess gateway, String name, Namespace container, String mac, String inner) {
        List<String> words = List.of(
                "port",
                "add",
                name,
                "vni",
                "42",
                "type",
                "tap",
                "device",
                "eth0",
                "netns",
                container.name(),
                "mac",
                mac,
                "addresses",
                inner + "/64");
        gateway.json(words.toArray(String[]::new));
    }

    @Test
    @Order(6)
    void aMacAtTwoPlacesIsFrozenAndCostsNothing() {
        Namespace one = lab.lab.add("cD");
        Namespace other = lab.lab.add("cE");
        for (Namespace container : List.of(one, other)) RegistryLab.allowIpv6(container);
        addPort(lab.a, "twice", one, MAC_TWICE, "fd19::d");
        addPort(lab.b, "twice", other, MAC_TWICE, "fd19::e");
        lab.await(
                "a warning",
                () -> lab.a.log().stream().anyMatch(RegistryTest::isWarning)
                        || lab.b.log().stream().anyMatch(RegistryTest::isWarning));
        lab.await("an end of the changes", this::isQuiet);
        String before = changes();
        double busy = busiest();
        Figures.print("a MAC at two gateways: %s; then %.2f %% of a core at most".formatted(values(), busy));
        assertEquals(before, changes(), "sequences go on to grow");
        lab.a.json("port", "del", "twice");
        lab.b.json("port", "del", "twice");
        lab.await("it to be gone", () -> !entries(lab.a).contains(MAC_TWICE));
    }

    private static boolean isWarning(String line) {
        return line.contains(MAC_TWICE) && line.contains("two places");
    }

    private String values() {
        return lab.etcd.control("get", key(lab.lab.vtepA(), MAC_TWICE), "--print-value-only")
                + lab.etcd.control("get", key(lab.lab.vtepB(), MAC_TWICE), "--print-value-only");
    }

    /** The revision of the registry, which every write raises, and the moves of entries at both gateways. */
    private String changes() {
        String answer = lab.etcd.control("get", "nothing", "--write-out=json");
        return "revision "
                + answer.replaceAll(".*\"revision\":([0-9]+).*", "$1").strip() + ", moves " + lab.moved();
    }

    /** Whether a second brings no change. */
    private boolean isQuiet() {
        String before = changes();
        long began = System.nanoTime();
        lab.await("a second", () -> System.nanoTime() - began > 1_000_000_000L);
        return before.equals(changes());
    }

    /** Percent of a core that the busier gateway took in a second. */
    private double busiest() {
        long a = ticks(lab.a);
        long b = ticks(lab.b);
        long began = System.nanoTime();
        lab.await("a second", () -> System.nanoTime() - began > 1_000_000_000L);
        return 100.0 * Math.max(ticks(lab.a) - a, ticks(lab.b) - b) / TICKS_A_SECOND;
    }

    /** CPU time of a process so far, see proc_pid_stat(5). */
    private static long ticks(GatewayProcess gateway) {
        String[] fields = Command.output("cat", "/proc/" + gateway.pid() + "/stat")
                .replaceAll("^.*\\) ", "")
                .split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @Test
    @Order(7)
    void anOrderlyEndWithdrawsBeforePortsClose() {
        lab.a.terminate();
        lab.await("B to be told", () -> lab.keys().stream().noneMatch(key -> key.startsWith(KEYS + lab.lab.vtepA())));
        assertEquals(List.of("eth0"), lab.lab.cA().devices("tun"), "A's port is there for a while");
        lab.await("B to forget A", () -> vtep(lab.b, Lab.MAC_A).isEmpty());
        assertEquals(0, lab.a.awaitExit(), lab.a::toString);
        assertEquals(List.of(), lab.lab.cA().devices("tun"));
        lab.b.terminate();
        assertEquals(0, lab.b.awaitExit(), lab.b::toString);
        assertEquals(List.of(), lab.keys());
        assertTrue(lab.etcd.control("lease", "list").contains("found 0 leases"), "leases are left");
    }
}
