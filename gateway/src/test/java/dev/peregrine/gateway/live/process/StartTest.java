package dev.peregrine.gateway.live.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.lab.LiveTest;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Ping;
import dev.peregrine.testkit.live.Underlay;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages of a gateway that cannot start. */
@LiveTest
class StartTest {
    private static final int REFUSED = 1;
    private static final int BAD_CONFIGURATION = 2;

    @ParameterizedTest
    @EnumSource(names = {"IPV4_WIRE", "IPV6_WIRE"})
    void portHeldByAKernelDeviceIsRefusedWithTheDevicesName(Underlay underlay) {
        try (Lab lab = Lab.create(underlay)) {
            lab.hB().ip("link add holder type vxlan id 7 dev uB local %s dstport 4789".formatted(lab.vtepB()));
            lab.hB().ip("link set holder up");
            String said = refusal(lab.hB(), lab.gatewayConfigB(), REFUSED);
            assertTrue(said.contains("EADDRINUSE"), said);
            assertTrue(said.contains("holder"), said);
            assertTrue(said.contains("4789"), said);
        }
    }

    @Test
    void secondGatewayOnTheSameAddressIsRefused() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE)) {
            Lab lab = scene.lab();
            Namespace other = lab.add("dB");
            String config = lab.gatewayConfigB().replace(lab.cB().name(), other.name());
            String said = refusal(lab.hB(), config, REFUSED);
            assertTrue(said.contains(lab.vtepB()), said);
            assertTrue(said.toLowerCase(Locale.ROOT).contains("gateway"), said);
            assertEquals(List.of(), other.devices("tun"), said);
            Ping.loses0(lab.cA(), Lab.INNER_B, 20, 56);
        }
    }

    @Test
    void secondGatewayOnAnotherPortIsWelcome() {
        try (Scene scene = Scene.open(Underlay.IPV4_WIRE)) {
            Lab lab = scene.lab();
            Namespace other = lab.add("dB");
            String config = lab.gatewayConfigB()
                    .replace(lab.cB().name(), other.name())
                    .replace("device: uB", "device: uB, port: 4790");
            try (var second = GatewayProcess.start(lab.hB(), config)) {
                assertTrue(second.isAlive());
                Ping.loses0(lab.cA(), Lab.INNER_B, 20, 56);
            }
        }
    }

    /** It may come: see {@link UnderlayChangesTest}. */
    @Test
    void addressThatTheHostDoesNotHaveIsWaitedFor() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE);
                var waiting = GatewayProcess.startWaiting(
                        lab.hB(), lab.gatewayConfigB().replace(lab.vtepB(), "198.18.0.77"))) {
            Await.until(
                    Duration.ofSeconds(20),
                    "it waits",
                    () -> waiting.toString().contains("no interface here has the address 198.18.0.77"),
                    waiting::toString);
        }
    }

    @Test
    void badConfigurationIsRefusedWithFileAndLine() {
        try (Lab lab = Lab.create(Underlay.IPV4_WIRE)) {
            String said = refusal(lab.hB(), lab.gatewayConfigB() + "surprise: 1\n", BAD_CONFIGURATION);
            assertTrue(said.matches("(?s).*gateway\\.yaml:7: .*surprise.*"), said);
        }
    }

    private static String refusal(Namespace host, String config, int exit) {
        try (var refused = GatewayProcess.launch(host, config)) {
            assertEquals(exit, refused.awaitExit(), refused::toString);
            return refused.toString();
        }
    }
}
