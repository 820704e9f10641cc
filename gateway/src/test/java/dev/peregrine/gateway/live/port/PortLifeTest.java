package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Entries that come and go with a port, and events that must not happen while nothing changes. */
@LiveTest
class PortLifeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String LATE = "198.19.0.3";
    private static final String LATE6 = "fd19::3";
    private static final String LATE_MAC = "02:00:00:00:00:03";
    private static final Pattern INDEX = Pattern.compile("^(\\d+):");

    private static String config(Lab lab) {
        return lab.gatewayConfigB() + """
                      - {name: late, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24]}
                      - {name: nic, type: interface, device: p0}
                """.formatted(lab.cB().name().replace("cB", "late"), LATE_MAC, LATE);
    }

    /** Neither a port that waits nor one on an interface may end what is known of flows. */
    @Test
    void cachedFlowsOutliveEveryLookAtPortsThatDoNotChange() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> {
            lab.hB().ip("link add p0 type veth peer name p1");
            lab.hB().ip("link set p0 up");
            lab.hB().ip("link set p1 up");
            return config(lab);
        })) {
            GatewayProcess gateway = scene.gateway();
            awaitState(gateway, "nic", "up");
            awaitState(gateway, "late", "waiting");
            try (var pings = BackgroundProcess.start(
                    scene.lab().cA().words("ping", "-q", "-i", "0.02", "-w", "60", Lab.INNER_B))) {
                Await.until(LIMIT, "flows are cached", () -> hits(gateway) > 20, pings::toString);
                long stale = gateway.json("flow", "stats").path("stale").asLong();
                long uptime = uptime(gateway);
                Await.until(LIMIT, "three ticks", () -> uptime(gateway) >= uptime + 4, () -> uptime);
                assertEquals(stale, gateway.json("flow", "stats").path("stale").asLong());
                assertEquals(0, gateway.json("flow", "stats").path("mismatches").asLong());
            }
        }
    }

    private static long hits(GatewayProcess gateway) {
        return gateway.json("flow", "stats").path("hits").asLong();
    }

    private static long uptime(GatewayProcess gateway) {
        return gateway.status().path("uptimeSeconds").asLong();
    }

    @Test
    void aPortsMacStandsInTheFdbWhileItsDeviceIsThere() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, PortLifeTest::config)) {
            GatewayProcess gateway = scene.gateway();
            assertEquals("", whereIs(gateway, LATE_MAC));
            Namespace late = scene.lab().add("late");
            awaitState(gateway, "late", "up");
            assertEquals("late static", whereIs(gateway, LATE_MAC));
            assertEquals(1, gateway.command("fdb", "del", LATE_MAC, "vni", "42").exit(), "a port keeps its MAC");
            gateway.json("fdb", "flush", "static");
            assertEquals("late static", whereIs(gateway, LATE_MAC), "a port keeps its MAC");
            scene.lab().remove(late);
            awaitState(gateway, "late", "waiting");
            assertEquals("", whereIs(gateway, LATE_MAC), "it goes with the device");
            gateway.json(
                    "fdb", "add", LATE_MAC, "vni", "42", "vtep", scene.lab().vtepA(), "static");
            scene.lab().add("late");
            awaitState(gateway, "late", "up");
            assertEquals(scene.lab().vtepA() + " static", whereIs(gateway, LATE_MAC), "it is somebody else's");
            gateway.json("fdb", "del", LATE_MAC, "vni", "42");
            assertEquals("late static", whereIs(gateway, LATE_MAC), "nothing is in the way of the port's own");
        }
    }

    @Test
    void whatWasLearnedBehindAnInterfaceGoesWhenItIsDown() {
        String mac = "02:00:00:00:00:2a";
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> {
            lab.hB().ip("link add p0 type veth peer name eth1 address " + mac + " netns " + lab.cB());
            lab.hB().ip("link set p0 up");
            lab.cB().ip("address add 198.19.0.42/24 dev eth1");
            lab.cB().ip("link set eth1 up");
            return config(lab);
        })) {
            GatewayProcess gateway = scene.gateway();
            awaitState(gateway, "nic", "up");
            Await.until(
                    LIMIT,
                    "the MAC is learned",
                    () -> {
                        Command.run(scene.lab().cB().words("ping", "-c", "1", "-W", "1", "-I", "eth1", "198.19.0.99"));
                        return whereIs(gateway, mac).equals("nic dynamic");
                    },
                    gateway::counters);
            scene.lab().hB().ip("link set p0 down");
            awaitState(gateway, "nic", "waiting");
            assertEquals("", whereIs(gateway, mac));
        }
    }

    @Test
    void theReadyLineNamesAPortThatFailed() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, lab -> {
            lab.cB().ip("link add eth0 type bridge");
            return lab.gatewayConfigB();
        })) {
            GatewayProcess gateway = scene.gateway();
            String ready = gateway.log().stream()
                    .filter(line -> line.startsWith("ready"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(ready.contains("0 of 1 ports up"), ready);
            assertTrue(ready.contains(", but port web failed: make TAP(eth0 in network namespace "), ready);
        }
    }

    /** A device's name that is taken is seen without making a device, which udev and others would take notice of. */
    @Test
    void noDeviceIsMadeWhileItsNameIsTaken() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE, PortLifeTest::config)) {
            GatewayProcess gateway = scene.gateway();
            Namespace late = scene.lab().add("late");
            awaitState(gateway, "late", "up");
            late.ip("link add eth1 type bridge");
            late.output(
                    "sh",
                    "-c",
                    "ip link set eth0 down; ip link set eth0 name was; ip link set eth1 name eth0; ip link del was");
            awaitState(gateway, "late", "failed");
            String reason = gateway.port("late").path("reason").asText();
            assertTrue(reason.contains("a device of that name exists there: nsenter --net="), reason);
            int before = nextIndex(scene.lab().hB());
            long uptime = uptime(gateway);
            Await.until(LIMIT, "some ticks", () -> uptime(gateway) >= uptime + 3, () -> uptime);
            assertEquals(before + 1, nextIndex(scene.lab().hB()), "devices were made meanwhile");
            late.ip("link del eth0");
            awaitState(gateway, "late", "up");
            Ping.loses0(scene.lab().cA(), LATE, 5, 56);
        }
    }

    /** The kernel numbers the devices of a namespace one after the other. */
    private static int nextIndex(Namespace namespace) {
        namespace.ip("link add probe type bridge");
        Matcher index = INDEX.matcher(namespace.ip("-o link show probe"));
        assertTrue(index.find());
        namespace.ip("link del probe");
        return Integer.parseInt(index.group(1));
    }

    /** A container that was replaced is known under its new MAC at once, without a word of its own. */
    @Test
    void aPortThatComesUpAnnouncesItsAddresses() {
        try (Scene scene = Scene.open(
                Underlay.IPV4_WIRE,
                lab -> config(lab).replace("[" + LATE + "/24]", "[" + LATE + "/24, \"" + LATE6 + "/64\"]"))) {
            Lab lab = scene.lab();
            lab.cA().enableIpv6("eth0");
            lab.cA().ip("address add fd19::1/64 dev eth0 nodad");
            for (String address : new String[] {LATE, LATE6}) {
                lab.cA().ip("neigh replace " + address + " lladdr 02:00:00:00:00:99 dev eth0 nud stale");
            }
            lab.add("late").enableIpv6("default"); // until it is enabled, the port fails, and is tried again
            awaitState(scene.gateway(), "late", "up");
            for (String address : new String[] {LATE, LATE6}) {
                Await.until(
                        LIMIT,
                        address + " is known anew",
                        () -> lab.cA().ip("neigh show " + address).contains(LATE_MAC),
                        () -> lab.cA().ip("neigh show"));
            }
        }
    }

    private static String whereIs(GatewayProcess gateway, String mac) {
        for (JsonNode row : gateway.json("fdb", "list")) {
            if (row.path("mac").asText().equals(mac)) {
                String place = row.path("port").isNull() ? "vtep" : "port";
                return row.path(place).asText() + " " + row.path("state").asText();
            }
        }
        return "";
    }

    private static void awaitState(GatewayProcess gateway, String port, String state) {
        Await.until(
                LIMIT,
                "port " + port + " is " + state,
                () -> gateway.port(port).path("state").asText().equals(state),
                () -> gateway.port(port));
    }
}
