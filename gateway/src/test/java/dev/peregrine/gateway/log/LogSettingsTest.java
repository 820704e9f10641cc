package dev.peregrine.gateway.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LogSettingsTest {
    @Test
    void aLevelOrAFormatThatMeansNothingIsTold() {
        assertNull(LogSettings.problem(Map.of(), false));
        assertNull(LogSettings.problem(Map.of("PEREGRINE_LOG", "debug", "PEREGRINE_LOG_FORMAT", "JSON"), false));
        assertEquals(
                "PEREGRINE_LOG: found bogus; expected error, warn, info, debug, trace",
                LogSettings.problem(Map.of("PEREGRINE_LOG", "bogus"), false));
        assertEquals(
                "PEREGRINE_LOG_FORMAT: found xml; expected text, json",
                LogSettings.problem(Map.of("PEREGRINE_LOG_FORMAT", "xml"), false));
        assertNull(LogSettings.problem(Map.of("PEREGRINE_LOG_FORMAT", "xml"), true), "--log-format is given");
    }
}
