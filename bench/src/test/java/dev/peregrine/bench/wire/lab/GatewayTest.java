package dev.peregrine.bench.wire.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GatewayTest {
    private static final Lab LAB = new Lab("lab", Mode.WIRE, Path.of("/root"), Path.of("/tmp"));

    @Test
    void isConfiguredDifferentlyForEachContender() throws BadConfig {
        Set<String> effective = new HashSet<>();
        for (Contender contender : Contender.values()) {
            if (contender.kind() == Contender.Kind.PEREGRINE) {
                String text = Gateway.configuration(contender, LAB, new Placement(0, 1));
                effective.add(ConfigFile.parse("a.yaml", text).effective());
            }
        }
        assertEquals(12, effective.size());
    }

    @Test
    void hasAHundredRulesWithAndWithoutTheFlowCache() throws BadConfig {
        for (Contender contender : List.of(Contender.PEREGRINE_RULES, Contender.PEREGRINE_RULES_CHAIN)) {
            String text = Gateway.configuration(contender, LAB, new Placement(0, 1));
            GatewayConfig config = ConfigFile.parse("a.yaml", text).config();
            assertEquals(
                    100,
                    config.vnis().getFirst().policy().orElseThrow().in().rules().size());
            assertEquals(
                    contender == Contender.PEREGRINE_RULES, config.fastpath().enabled());
        }
    }

    @Test
    void runsOneWorkerOnItsCpu() throws BadConfig {
        String text = Gateway.configuration(Contender.PEREGRINE, LAB, new Placement(0, 3));
        assertEquals(
                List.of(3), ConfigFile.parse("a.yaml", text).config().workers().cpus());
        assertFalse(Contender.PEREGRINE.lacksOffload());
    }
}
