package dev.peregrine.gateway.live.plane;

import static dev.peregrine.gateway.live.plane.RegistryLab.KEYS;
import static dev.peregrine.gateway.live.plane.RegistryLab.SHRINK_HOLD;
import static dev.peregrine.gateway.live.plane.RegistryLab.TTL;
import static dev.peregrine.gateway.live.plane.RegistryLab.WATCH;
import static dev.peregrine.gateway.live.plane.RegistryLab.entries;
import static dev.peregrine.gateway.live.plane.RegistryLab.entry;
import static dev.peregrine.gateway.live.plane.RegistryLab.mac;
import static dev.peregrine.gateway.live.plane.RegistryLab.strangers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.traffic.Figures;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.Lab;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways while their registry, its content, a disk or one of them fails, under pings between them. */
@LiveTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RegistryOutageTest {
    private static final int STRANGERS = 14;

    private RegistryLab lab;

    @BeforeAll
    void start(@TempDir Path folder) {
        lab = new RegistryLab(folder);
        lab.awaitEachOther();
    }

    @AfterAll
    void end() {
        if (lab != null) lab.close();
    }

    private Pinging pings() {
        return Pinging.start(lab.lab.cA(), Lab.INNER6_B);
    }

    private boolean areBoth(String state) {
        return lab.isIn(lab.a, state) && lab.isIn(lab.b, state);
    }

    @Test
    @Order(1)
    void theRegistryDies() {
        try (Pinging pings = pings()) {
            String before = lab.moved();
            lab.etcd.kill();
            double away = lab.seconds("both to be away", () -> areBoth("away"));
            assertEquals(0, pings.lost(), pings::toString);
            lab.etcd.restart();
            double live = lab.seconds("both to be live", () -> areBoth("live"));
            assertEquals(0, pings.lost(), pings::toString);
            assertEquals(before, lab.moved());
            Figures.print("etcd killed: away after %.2f s, live %.2f s after its start, 0 lost".formatted(away, live));
            assertTrue(away < 10 && live < 18, () -> away + " s, " + live + " s");
        }
    }

    @Test
    @Order(2)
    void theRegistryHangsForLongerThanLeasesLive() {
        String late = RegistryLab.key("198.18.3.1", mac(1));
        try (Pinging pings = pings()) {
            lab.etcd.pause();
            long began = System.nanoTime();
            try (BackgroundProcess put = BackgroundProcess.start(lab.etcd.line("put", late, "{}"))) {
                double away = lab.seconds("both to be away", () -> areBoth("away"));
                lab.await("leases to be over", () -> System.nanoTime() - began > (TTL + 1) * 1_000_000_000L);
                lab.etcd.resume();
                double seconds = lab.seconds("what was put meanwhile", () -> entry(lab.a, mac(1)) != null);
                lab.await("both to be live", () -> areBoth("live"));
                assertEquals(0, pings.lost(), pings::toString);
                put.awaitExit(RegistryLab.PATIENCE);
                Figures.print("etcd stopped: away after %.2f s, news %.2f s after it went on, 0 lost"
                        .formatted(away, seconds));
                assertTrue(away < 2 * WATCH, () -> away + " s");
            }
        }
        lab.removeStrangers();
    }

    @Test
    @Order(3)
    void whatAStoppedGatewayMissedWasCompacted() {
        int lines = lab.a.log().size();
        Command.output("kill", "-STOP", "" + lab.a.pid());
        try {
            lab.etcd.kill(); // so that its watch ends
            lab.etcd.restart();
            for (int i = 1; i <= 3; i++) lab.put(strangers(i, 1), "{}");
            String answer = lab.etcd.control("get", "nothing", "--write-out=json");
            lab.etcd.control(
                    "compact",
                    answer.replaceAll(".*\"revision\":([0-9]+).*", "$1").strip());
        } finally {
            Command.output("kill", "-CONT", "" + lab.a.pid());
        }
        double seconds = lab.seconds("what it missed", () -> entry(lab.a, mac(3)) != null);
        lab.await("both to be live", () -> areBoth("live"));
        List<String> said = lab.a.log().subList(lines, lab.a.log().size());
        Figures.print("compacted: known after %.2f s, %d lines of log".formatted(seconds, said.size()));
        assertTrue(said.size() <= 5, said::toString);
        assertEquals(
                1, said.stream().filter(line -> line.contains("was compacted")).count(), said::toString);
        lab.removeStrangers();
    }

    @Test
    @Order(4)
    void aLiveGatewaysLeaseIsRevoked() {
        try (Pinging pings = pings()) {
            for (String lease :
                    lab.etcd.control("lease", "list").lines().skip(1).toList()) {
                lab.etcd.control("lease", "revoke", lease.strip());
            }
            double seconds = lab.seconds("all keys again", () -> lab.keys().size() == 6);
            assertEquals(0, pings.lost(), pings::toString);
            Figures.print("leases revoked: all keys again after %.2f s, 0 lost".formatted(seconds));
            assertTrue(seconds < TTL, () -> seconds + " s");
        }
    }

    @Test
    @Order(5)
    void theRegistryIsEmptied() {
        lab.put(strangers(1, STRANGERS), "{}");
        lab.await("the strangers", () -> entry(lab.a, mac(STRANGERS)) != null);
        try (Pinging pings = pings()) {
            long began = System.nanoTime(); // before the gateway's time begins
            lab.etcd.control("del", "--prefix", KEYS);
            double own = lab.seconds("the gateways' own keys", () -> lab.keys().size() == 6);
            lab.await("removals to wait", () -> lab.plane(lab.a).path("guarded").asInt() > 0);
            assertTrue(entries(lab.a).contains(mac(STRANGERS)), "it waits");
            lab.await("the strangers to go", () -> !entries(lab.a).contains("02:00:00:00:09:"));
            double gone = (System.nanoTime() - began) / 1e9;
            assertEquals(0, pings.lost(), pings::toString);
            Figures.print("emptied: own keys again after %.2f s, the others' entries went after %.2f s, 0 lost"
                    .formatted(own, gone));
            assertTrue(own < SHRINK_HOLD && gone >= SHRINK_HOLD, () -> own + " s, " + gone + " s");
        }
    }

    @Test
    @Order(6)
    void halfOfTheKeysAreMalformed() {
        lab.put(strangers(1, STRANGERS), "{\"seq\":1}");
        lab.await("the strangers", () -> entry(lab.a, mac(STRANGERS)) != null);
        long refused = lab.plane(lab.a).path("refused").asLong();
        lab.put(strangers(1, STRANGERS / 2), "{\"seq\":-1}");
        lab.put(strangers(STRANGERS + 1, 1), "{}");
        lab.await("a key behind them", () -> entry(lab.a, mac(STRANGERS + 1)) != null);
        lab.a.json("control", "resync", "reg", "now");
        lab.await(
                "each to be refused twice, as news and in the picture",
                () -> lab.plane(lab.a).path("refused").asLong() == refused + STRANGERS);
        lab.await("the plane to be live", () -> lab.isIn(lab.a, "live"));
        for (int i = 1; i <= STRANGERS + 1; i++) assertTrue(entries(lab.a).contains(mac(i)), "number " + i);
        lab.removeStrangers();
    }

    @Test
    @Order(7)
    void noRoomForTheLastPicture() throws IOException {
        Path folder = lab.cacheA();
        Path picture = folder.resolve("reg.json");
        Path filler = folder.resolve("filler");
        lab.await("a picture", () -> Files.exists(picture));
        String before = Files.readString(picture);
        Command.run(List.of("dd", "if=/dev/zero", "of=" + filler, "bs=1k")); // to the last block
        lab.put(strangers(1, 1), "{}");
        lab.await("a warning", () -> lab.a.log().stream().anyMatch(line -> line.contains("cannot write the last")));
        assertEquals(before, Files.readString(picture));
        try (Pinging pings = pings()) {
            assertEquals(0, pings.lost(), pings::toString);
        }
        assertTrue(lab.isIn(lab.a, "live"));
        Files.delete(filler);
        lab.await("the picture, now that there is room", () -> has(picture, mac(1)));
        lab.removeStrangers();
    }

    private static boolean has(Path file, String text) {
        try {
            return Files.exists(file) && Files.readString(file).contains(text);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    @Order(8)
    void aGatewayStartsWhileTheRegistryIsAway() {
        lab.await("its last picture", () -> has(lab.cacheA().resolve("reg.json"), Lab.MAC_B));
        lab.etcd.kill();
        lab.await("both to be away", () -> areBoth("away"));
        lab.a.kill();
        lab.a = lab.a.startAgain();
        assertTrue(lab.isKnown(lab.a, Lab.MAC_B, lab.lab.vtepB()), () -> entries(lab.a));
        try (Pinging pings = pings()) {
            assertFalse(lab.isIn(lab.a, "live"));
            lab.etcd.restart();
            lab.await("both to be live", () -> areBoth("live"));
            assertEquals(0, pings.lost(), pings::toString);
        }
        lab.awaitEachOther();
    }

    @Test
    @Order(9)
    void aGatewayIsKilledAndStartsWithinItsLease() {
        lab.b.kill();
        assertTrue(lab.isKnown(lab.a, Lab.MAC_B, lab.lab.vtepB()), "its keys outlive it");
        lab.b = lab.b.startAgain();
        lab.await("B to know A", () -> lab.isKnown(lab.b, Lab.MAC_A, lab.lab.vtepA()));
        try (Pinging pings = pings()) {
            lab.await("the new lease", () -> lab.plane(lab.b).path("announced").asInt() == 3);
            assertEquals(0, pings.lost(), pings::toString);
        }
    }

    @Test
    @Order(10)
    void aGatewayIsKilledAndForgotten() {
        lab.b.kill();
        double seconds = lab.seconds(
                "A to forget B", () -> !lab.a.json("vtep", "list").toString().contains(lab.lab.vtepB()));
        assertNull(entry(lab.a, Lab.MAC_B), () -> entries(lab.a));
        Figures.print("killed: forgotten after %.2f s, with leases of %d s".formatted(seconds, TTL));
        assertTrue(seconds < TTL + 8, () -> seconds + " s");
        long refused = notAllowed(lab.a);
        lab.await("what comes from there to be dropped", () -> {
            sendFromB();
            return notAllowed(lab.a) > refused;
        });
        lab.b = lab.b.startAgain();
        lab.awaitEachOther();
        try (Pinging pings = pings()) {
            assertEquals(0, pings.lost(), pings::toString);
        }
    }

    private static long notAllowed(GatewayProcess gateway) {
        return gateway.drops().getOrDefault("VTEP_NOT_ALLOWED", 0L);
    }

    private void sendFromB() {
        try {
            lab.lab.hB().inside(() -> {
                byte[] datagram = VxlanDatagram.payload(VxlanDatagram.CLEAN_FLAGS, Lab.VNI, new byte[64]);
                try (DatagramSocket socket =
                        new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(lab.lab.vtepB()), 0))) {
                    socket.send(new DatagramPacket(
                            datagram, datagram.length, InetAddress.ofLiteral(lab.lab.vtepA()), 4789));
                }
                return 0;
            });
        } catch (LinuxException e) {
            throw new AssertionError(e);
        }
    }
}
