package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.KernelVtep;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * Common faults of overlays, each planted, and named by a list or by the log: what docs/troubleshooting.md says of
 * them.
 */
@LiveTest
class FaultsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String ABSENT = "198.19.0.99";

    @Test
    void aVniThatTheOtherSideAloneHas() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Lab lab = scene.lab();
            Namespace other = lab.add("cC");
            KernelVtep wrong = lab.kernelVtepA(43);
            wrong.attach(other, "02:00:00:00:00:03", "198.19.0.3");
            long began = System.nanoTime();
            sends(other, Lab.INNER_B);
            JsonNode row = dropped(scene.gateway(), "VXLAN_VNI_NOT_FOUND");
            assertEquals(43, row.path("lastVni").asInt(), row::toString);
            assertEquals(lab.vtepA(), row.path("lastVtep").asText(), row::toString);
            assertTrue(row.path("lastMac").asText().matches("..(:..){5}"), row::toString);
            assertTrue(row.path("lastSeconds").asLong(Long.MAX_VALUE) <= secondsSince(began), row::toString);
            awaitLog(scene.gateway(), "WARN.*datagrams of VNI 43 from VTEP " + lab.vtepA() + " are dropped.*", 1);
            sends(other, Lab.INNER_B);
            awaitLog(scene.gateway(), "WARN.*datagrams of VNI 43 from VTEP.*", 1);
        }
    }

    @Test
    void aVtepThatIsMisspeltInTheFloodList() {
        String wrong = "fd18::11";
        try (Scene scene = Scene.open(
                Underlay.IPV6_OFFLOAD,
                lab -> lab.gatewayConfigB().replace("flood: [\"" + lab.vtepA(), "flood: [\"" + wrong))) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            sends(lab.cA(), Lab.INNER_B);
            assertEquals(
                    lab.vtepA(),
                    dropped(gateway, "VTEP_NOT_ALLOWED").path("lastVtep").asText());
            awaitLog(gateway, "WARN.*datagrams from " + lab.vtepA() + " are dropped \\(VTEP_NOT_ALLOWED\\).*", 1);
            sends(lab.cB(), Lab.INNER_A);
            await(
                    "the misspelt one is silent, and does not answer",
                    () -> gateway.row("vtep", "address", wrong)
                            .path("lastError")
                            .asText()
                            .startsWith("EHOSTUNREACH"),
                    gateway);
            JsonNode row = gateway.row("vtep", "address", wrong);
            assertTrue(row.path("lastHeardSeconds").isNull(), row::toString);
            assertEquals("file", row.path("source").asText());
            assertEquals(
                    "EHOSTUNREACH (no route to host)",
                    dropped(gateway, "UNDERLAY_UNREACHABLE").path("lastError").asText());
        }
    }

    @Test
    void anUnderlayThatRefusesOrLosesDatagrams() {
        try (Scene scene = Scene.open(Underlay.IPV6_OFFLOAD)) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            long began = System.nanoTime();
            sends(lab.cB(), Lab.INNER_A);
            await("it was heard", () -> heard(lab, gateway).asLong(Long.MAX_VALUE) <= secondsSince(began), gateway);
            boolean isFiltered = filters(lab.hB());
            if (isFiltered) {
                sends(lab.cB(), Lab.INNER_A);
                JsonNode refused = dropped(gateway, "UNDERLAY_REFUSED");
                assertEquals(lab.vtepA(), refused.path("lastVtep").asText(), refused::toString);
                assertEquals(
                        "EPERM (operation not permitted)",
                        refused.path("lastError").asText(),
                        refused::toString);
                awaitLog(gateway, "WARN.*datagrams to VTEP " + lab.vtepA() + " are lost: EPERM.*firewall.*", 1);
            }
            lab.hA().ip("link set vxlan42 down");
            await("nothing was heard for two seconds", () -> heard(lab, gateway).asLong() >= 2, gateway);
        }
    }

    /** Has a firewall drop the VXLAN datagrams that leave a host; false where there is none to do it. */
    private static boolean filters(Namespace host) {
        String rules = "add table inet faults; add chain inet faults out { type filter hook output priority 0; };"
                + " add rule inet faults out udp dport 4789 drop";
        Command.Result made = Command.run(host.words("nft", rules));
        if (made.exit() != 0) {
            System.err.println("SKIPPED in part: no test of a firewall on output, since nft fails here: " + made);
            return false;
        }
        return true;
    }

    /** Rounded up, with a second for what is counted in whole ones. */
    private static long secondsSince(long began) {
        return (System.nanoTime() - began) / 1_000_000_000L + 2;
    }

    private static JsonNode heard(Lab lab, GatewayProcess gateway) {
        return gateway.row("vtep", "address", lab.vtepA()).path("lastHeardSeconds");
    }

    @Test
    void aPolicyThatDeniesAndADeviceThatIsDown() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            String deny = "{default: deny, rules: [{name: arp, action: allow, protocol: arp}]}";
            gateway.json("policy", "replace", "port", "web", policy(deny));
            sends(lab.cB(), Lab.INNER_A);
            JsonNode denied = dropped(gateway, "POLICY_DEFAULT");
            assertEquals("web", denied.path("lastPort").asText(), denied::toString);
            assertEquals(Lab.MAC_B, denied.path("lastMac").asText(), denied::toString);
            assertEquals(42, denied.path("lastVni").asInt(), denied::toString);
            lab.cB().ip("link set eth0 down");
            await(
                    "its link is down",
                    () -> gateway.port("web").path("link").asText().equals("down"),
                    gateway);
            assertEquals("waiting", gateway.port("web").path("state").asText());
        }
    }

    @Test
    void anAddressThatNobodyHasAndAMacThatNobodyHas() {
        try (Scene scene = Scene.open(Underlay.IPV4_OFFLOAD)) {
            Lab lab = scene.lab();
            GatewayProcess gateway = scene.gateway();
            sends(lab.cB(), Lab.INNER_A);
            JsonNode before = vni(gateway);
            assertTrue(before.path("neighbourReplies").asLong() > 0, before::toString);
            lab.rememberNeighbours();
            sends(lab.cB(), ABSENT);
            JsonNode asked = vni(gateway);
            assertTrue(rise(before, asked, "neighbourRequests") > 0, asked::toString);
            assertEquals(0, rise(before, asked, "neighbourReplies"), asked::toString);
            assertEquals(0, rise(before, asked, "unknownUnicasts"), asked::toString);
            lab.cB().ip("neighbour replace " + ABSENT + " lladdr 02:00:00:00:00:99 dev eth0");
            sends(lab.cB(), ABSENT);
            assertTrue(
                    rise(asked, vni(gateway), "unknownUnicasts") > 0,
                    () -> vni(gateway).toString());
        }
    }

    /** Has a host send a question for another and, if that is answered, packets; whether they are is another matter. */
    private static void sends(Namespace from, String to) {
        Command.run(from.words("ping", "-c", "2", "-i", "0.2", "-W", "1", to));
    }

    private static String policy(String in) {
        try {
            Path file = Files.createTempFile("policy", ".yaml");
            file.toFile().deleteOnExit();
            return Files.writeString(file, "in: " + in + "\n").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode vni(GatewayProcess gateway) {
        return gateway.row("vni", "vni", "42");
    }

    private static long rise(JsonNode before, JsonNode after, String field) {
        return after.path(field).asLong() - before.path(field).asLong();
    }

    /** The row of a reason, once packets were dropped for it. */
    private static JsonNode dropped(GatewayProcess gateway, String reason) {
        await(reason, () -> gateway.row("drop", "reason", reason).path("count").asLong() > 0, gateway);
        return gateway.row("drop", "reason", reason);
    }

    private static void awaitLog(GatewayProcess gateway, String line, int times) {
        await(
                line,
                () -> gateway.log().stream()
                                .filter(said -> said.matches(".*" + line))
                                .count()
                        == times,
                gateway);
    }

    private static void await(String what, BooleanSupplier condition, GatewayProcess gateway) {
        Await.until(LIMIT, what, condition, gateway::counters);
    }
}
