package dev.peregrine.gateway.noun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class ControlCommandsTest {
    @Test
    void claimsThatStayForEverHaveNoTimeUntilTheyGo() {
        assertEquals(2L, ControlCommands.seconds(2_999_999_999L));
        assertEquals(0L, ControlCommands.seconds(0));
        assertNull(ControlCommands.seconds(-1), "live");
        assertNull(ControlCommands.seconds(Long.MAX_VALUE), "held for ever");
    }
}
