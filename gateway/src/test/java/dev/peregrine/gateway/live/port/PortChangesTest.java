package dev.peregrine.gateway.live.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A workload, or somebody in its namespace, changes the device of a TAP port: by accident, or on purpose. */
@Conformance("reported by users")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PortChangesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SECOND = "198.19.0.22/32";
    private static final String INNER6 = "fd19::2/64";
    private static final String ROUTE6 = "fd20::/64 via fd19::1";

    private final Scene scene = Scene.open(Underlay.IPV4_WIRE, PortChangesTest::config);
    private final Lab lab = scene.lab();
    private final Namespace container = lab.cB();
    private final GatewayProcess gateway = scene.gateway();

    private static String config(Lab lab) {
        lab.cB().enableIpv6("default");
        return """
                underlay: {local: "%s", device: uB}
                vnis:
                  - vni: %d
                    flood: ["%s"]
                    ports:
                      - name: web
                        type: tap
                        device: eth0
                        netns: %s
                        mac: "%s"
                        addresses: [%s/24, %s, "%s"]
                        routes: [{to: 0.0.0.0/0, via: %s}, {to: 198.19.9.0/24}, {to: "fd20::/64", via: "fd19::1"}]
                """.formatted(
                lab.vtepB(), Lab.VNI, lab.vtepA(), lab.cB(), Lab.MAC_B, Lab.INNER_B, SECOND, INNER6, Lab.INNER_A);
    }

    @AfterAll
    void close() {
        scene.close();
    }

    @BeforeEach
    void everythingIsAsConfigured() {
        awaitAsConfigured("eth0");
    }

    private void awaitAsConfigured(String device) {
        awaitPort(
                "up, with all addresses",
                port -> port.path("state").asText().equals("up")
                        && port.path("link").asText().equals("up")
                        && port.path("addresses").asText().contains(Lab.INNER_B + "/24")
                        && port.path("addresses").asText().contains(SECOND)
                        && port.path("addresses").asText().contains(INNER6));
        awaitOutput(() -> container.ip("route show"), "default via " + Lab.INNER_A + " dev " + device);
        awaitOutput(() -> container.ip("route show"), "198.19.9.0/24 dev " + device);
        awaitOutput(() -> container.ip("-6 route show"), ROUTE6 + " dev " + device);
    }

    @Test
    void addressesAndRoutesAreBackAfterTheDeviceWasDownAndUp() {
        container.output("sh", "-c", "ip link set eth0 down; ip link set eth0 up");
        awaitAsConfigured("eth0");
        assertTrue(gateway.port("web").path("problem").asText().contains("missing at eth0 and put back at "));
        Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
    }

    @Test
    void whatIsRemovedOneByOneIsPutBackAndTheWorkloadsOwnStays() {
        container.ip("address add 198.19.5.77/24 dev eth0");
        container.ip("route add 203.0.113.0/24 dev eth0 src 198.19.5.77");
        container.ip("address add fd19::77/64 dev eth0 nodad");
        for (String removal : new String[] {
            "address del " + Lab.INNER_B + "/24 dev eth0",
            "address del " + SECOND + " dev eth0",
            "-6 address del " + INNER6 + " dev eth0",
            "route del default",
            "route del 198.19.9.0/24",
            "-6 route del fd20::/64"
        }) {
            container.ip(removal);
            awaitAsConfigured("eth0");
        }
        String addresses = gateway.port("web").path("addresses").asText();
        assertTrue(addresses.contains("198.19.5.77/24"), addresses);
        assertTrue(addresses.contains("fd19::77/64"), addresses);
        assertTrue(container.ip("route show").contains("203.0.113.0/24 dev eth0"));
        container.ip("route del 203.0.113.0/24");
        container.ip("address del 198.19.5.77/24 dev eth0");
        container.ip("address del fd19::77/64 dev eth0");
    }

    @Test
    void aRouteOfTheWorkloadInPlaceOfAConfiguredOneStays() {
        container.ip("route replace default via 198.19.0.9 dev eth0");
        awaitLooks(3);
        assertTrue(container.ip("route show").contains("default via 198.19.0.9"));
        container.ip("route del default");
    }

    @Test
    void mtuAndMacArePutBack() {
        int mtu = gateway.port("web").path("mtu").asInt();
        container.ip("link set eth0 mtu " + (mtu + 50));
        awaitPort("MTU", port -> port.path("linkMtu").asInt() == mtu);
        container.ip("link set eth0 mtu " + (mtu - 50));
        awaitPort("MTU", port -> port.path("linkMtu").asInt() == mtu);
        container.ip("link set eth0 address 02:00:00:00:00:5f");
        awaitOutput(() -> container.ip("link show eth0"), "link/ether " + Lab.MAC_B);
        Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
    }

    @Test
    void aDeviceThatIsDownIsShownAndLeftDown() {
        Map<String, Long> before = gateway.drops();
        container.ip("link set eth0 down");
        awaitPort("waiting", port -> port.path("state").asText().equals("waiting"));
        awaitLooks(3);
        JsonNode port = gateway.port("web");
        assertEquals("down", port.path("link").asText());
        assertTrue(port.path("reason").asText().endsWith("ip link set eth0 up"), port::toString);
        assertFalse(container.ip("link show eth0").contains(",UP"), "it was set up again");
        assertEquals(0, entries(Lab.MAC_B), "its MAC leads nowhere");
        Command.run(lab.cA().words("ping", "-c", "2", "-W", "1", Lab.INNER_B));
        Map<String, Long> drops = gateway.dropsSince(before);
        assertTrue(drops.getOrDefault("NO_FLOOD_MEMBER", 0L) > 0, "nobody else is in the VNI: " + drops);
        assertFalse(drops.containsKey("PORT_DOWN"), drops::toString);
        container.ip("link set eth0 up");
        awaitAsConfigured("eth0");
        assertEquals(1, entries(Lab.MAC_B));
        Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
    }

    @Test
    void aRenamedDeviceIsLookedAfterUnderItsNewName() {
        container.output("sh", "-c", "ip link set eth0 down; ip link set eth0 name net1; ip link set net1 up");
        try {
            awaitAsConfigured("net1");
            awaitPort("renamed", port -> port.path("problem").asText().contains("renamed eth0 to net1"));
            container.ip("address del " + SECOND + " dev net1");
            awaitAsConfigured("net1");
            Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
        } finally {
            container.output("sh", "-c", "ip link set net1 down; ip link set net1 name eth0; ip link set eth0 up");
        }
        awaitPort("renamed back", port -> !port.path("problem").asText().contains("renamed"));
    }

    @Test
    void aMacThatComesFromElsewhereMeanwhileIsLearnedThere() {
        container.ip("link set eth0 down");
        awaitPort("waiting", port -> port.path("state").asText().equals("waiting"));
        try (var elsewhere = FrameSocket.open(lab.cA(), "eth0")) {
            Await.until(
                    LIMIT,
                    "the MAC is learned at the tunnel",
                    () -> {
                        elsewhere.send(FrameBuilder.udp4()
                                .macs(0xffff_ffff_ffffL, 0x0200_0000_0002L)
                                .payload(100)
                                .build());
                        return entries(Lab.MAC_B) == 1;
                    },
                    gateway::counters);
            assertEquals(
                    lab.vtepA(),
                    gateway.row("fdb", "mac", Lab.MAC_B).path("vtep").asText());
        }
        container.ip("link set eth0 up");
        awaitAsConfigured("eth0");
        JsonNode entry = gateway.row("fdb", "mac", Lab.MAC_B);
        assertEquals(
                "web static",
                entry.path("port").asText() + " " + entry.path("state").asText());
        Ping.loses0(lab.cA(), Lab.INNER_B, 5, 56);
    }

    private long entries(String mac) {
        long entries = 0;
        for (JsonNode row : gateway.json("fdb", "list"))
            entries += row.path("mac").asText().equals(mac) ? 1 : 0;
        return entries;
    }

    /** Each status has the gateway look at its ports. */
    private void awaitLooks(int count) {
        for (int i = 0; i < count; i++) gateway.status();
    }

    private void awaitPort(String what, Predicate<JsonNode> condition) {
        Await.until(LIMIT, what, () -> condition.test(gateway.port("web")), () -> gateway.port("web"));
    }

    private static void awaitOutput(Supplier<String> output, String part) {
        Await.until(LIMIT, part, () -> output.get().contains(part), output);
    }
}
