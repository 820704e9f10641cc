package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.config.schema.BadConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Anti-spoofing that takes what is the port's own from a port that has nothing. */
class AntiSpoofingConfigTest {
    private static final String TAP = "type: tap, device: eth0";
    private static final String NIC = "type: interface, device: p0";

    private static ConfigFile read(String port, String guard) throws BadConfig {
        return ConfigFile.parse("f", """
                underlay: {local: 198.18.0.2}
                vnis: [{vni: 1, flood: [198.18.0.1], ports: [{name: a, %s, policy: {antiSpoofing: %s}}]}]
                """.formatted(port, guard));
    }

    @Test
    void restrictingNothingIsRefused() {
        BadConfig refused = assertThrows(BadConfig.class, () -> read(NIC, "{}"));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("antiSpoofing: found a port that has neither"), message);
        assertTrue(message.contains("macs, addresses or both"), message);
    }

    @Test
    void restrictingOnlyHalfIsWarnedOf() throws BadConfig {
        List<String> tap = read(TAP, "{}").warnings();
        assertEquals(1, tap.size(), tap::toString);
        assertTrue(tap.getFirst().contains("the port has no addresses"), tap::toString);
        List<String> nic = read(NIC, "{addresses: [198.19.0.0/24]}").warnings();
        assertEquals(1, nic.size(), nic::toString);
        assertTrue(nic.getFirst().contains("the port has no MAC address"), nic::toString);
    }

    @Test
    void whatIsGivenOrMeantIsNot() throws BadConfig {
        assertEquals(List.of(), read(TAP + ", addresses: [198.19.0.2/24]", "{}").warnings());
        assertEquals(List.of(), read(TAP, "{addresses: []}").warnings());
        String both = "{macs: [\"02:00:00:00:00:01\"], addresses: [198.19.0.2/32], anyLinkLocal: true}";
        assertEquals(List.of(), read(NIC, both).warnings());
    }
}
