package dev.peregrine.gateway.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Any bytes as a line at the control socket: the answer is a result or says what is wrong with the line. */
public final class ControlFuzz {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ControlFuzz() {}

    /** Answers one line. */
    public static void run(byte[] line) {
        String answer =
                new String(new Protocol(new FakeNouns().list()).reply(line).line(), UTF_8);
        if (answer.indexOf('\n') >= 0) throw new AssertionError("more than one line: " + answer);
        JsonNode read;
        try {
            read = JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + answer, e);
        }
        if (!read.path("ok").isBoolean()) throw new AssertionError("no answer: " + answer);
        // An answer repeats words of the line, so only its beginning is the gateway's own.
        if (read.path("error").asText().startsWith("the command failed")) throw new AssertionError(answer);
    }
}
