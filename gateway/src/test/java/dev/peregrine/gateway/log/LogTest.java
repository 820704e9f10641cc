package dev.peregrine.gateway.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogTest {
    private static final Instant TIME = Instant.parse("2026-11-30T10:12:45Z");
    private static final String STRANGE = "port \"a\\b\"\n\tsaid \033[31m caf\u00e9";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private List<String> lines() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void textIsOneLineWhateverIsInIt() {
        LogEvent event = new LogEvent(TIME, Level.WARN, "LocalPort", "control", STRANGE, null);
        assertEquals(
                "2026-11-30T10:12:45.000Z [control] WARN LocalPort - port \"a\\b\"\\n\\tsaid \\u001b[31m caf\u00e9",
                LogFormat.TEXT.line(event));
    }

    @Test
    void jsonIsOneObjectOnALineWhateverIsInIt() throws Exception {
        Throwable failure = new IllegalStateException("no \"way\"", new RuntimeException("deep"));
        String line = LogFormat.JSON.line(new LogEvent(TIME, Level.ERROR, "FaultLog", "worker-0", STRANGE, failure));
        assertFalse(line.contains("\n"), line);
        JsonNode object = new ObjectMapper().readTree(line);
        assertEquals("2026-11-30T10:12:45.000Z", object.path("time").asText());
        assertEquals("error", object.path("level").asText());
        assertEquals("FaultLog", object.path("logger").asText());
        assertEquals("worker-0", object.path("thread").asText());
        assertEquals(STRANGE, object.path("message").asText());
        assertEquals(
                "java.lang.IllegalStateException: no \"way\"",
                object.path("error").asText());
        assertTrue(object.path("stack").asText().contains("\nCaused by: java.lang.RuntimeException: deep\n"), line);
    }

    @Test
    void repeatsAreDroppedAndToldAtTheEndOfTheMinute() throws Exception {
        long minute = TimeUnit.MILLISECONDS.toNanos(20);
        AtomicLong now = new AtomicLong();
        Log log = new Log(out, "", minute, now::get);
        for (int i = 0; i < 250; i++)
            log.write(Level.WARN, "a.b.Watch", "port {} is away", "port " + i + " is away", null);
        log.write(Level.WARN, "a.b.Watch", "another", "another", null);
        assertEquals(Log.MOST_A_MINUTE + 1, lines().size());
        now.set(minute);
        while (lines().size() == Log.MOST_A_MINUTE + 1) TimeUnit.MILLISECONDS.sleep(1);
        String last = lines().getLast();
        assertTrue(last.endsWith(" WARN Watch - and 150 more within a minute: port {} is away"), last);
        log.write(Level.WARN, "a.b.Watch", "port {} is away", "port 7 is away", null);
        assertTrue(lines().getLast().endsWith("port 7 is away"), "another minute has begun");
    }

    @Test
    void rulesOfPoliciesAndWhatIsAskedForPass() {
        Log log = new Log(out, "json", TimeUnit.HOURS.toNanos(1), System::nanoTime);
        for (int i = 0; i < 250; i++) log.write(Level.INFO, "dev.peregrine.policy", "rule {}", "rule a", null);
        for (int i = 0; i < 250; i++) log.write(Level.DEBUG, "x", "detail", "detail", null);
        assertEquals(500, lines().size());
        assertTrue(lines().getFirst().startsWith("{"));
    }

    @Test
    void slf4jUsesItAndSpeaksOfNettyOnlyWhereThatMatters() {
        assertEquals(EventLogger.class, LoggerFactory.getLogger(LogTest.class).getClass());
        Logger netty = LoggerFactory.getLogger("io.netty.channel.Channel");
        assertTrue(netty.isWarnEnabled());
        assertFalse(netty.isInfoEnabled());
        Logger rejected = LoggerFactory.getLogger("io.netty.util.concurrent.DefaultPromise.rejectedExecution");
        assertFalse(rejected.isErrorEnabled());
    }
}
