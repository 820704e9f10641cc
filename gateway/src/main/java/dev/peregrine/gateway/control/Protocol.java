package dev.peregrine.gateway.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a request line into an answer line by way of {@link Noun}s. */
final class Protocol {
    private static final Logger LOG = LoggerFactory.getLogger(Protocol.class);
    private static final int REFUSED = 1;
    private static final int BAD_REQUEST = 2;

    private final ObjectMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private final Map<String, Command<?>> commands = new HashMap<>();

    Protocol(List<Noun> nouns) {
        for (Noun noun : nouns) {
            for (Command<?> command : noun.commands()) {
                if (commands.put(command.name(), command) != null) {
                    throw new IllegalArgumentException("two commands " + command.name());
                }
            }
        }
    }

    /**
     * The answer to a command.
     *
     * @param line JSON without the line's end
     * @param rest what goes on behind it; null for nothing
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reply(byte[] line, @Nullable Streamed rest) {}

    /** The answer to one line, and what follows it. Runs the command on the calling thread. */
    Reply reply(byte[] line) {
        try {
            Object result = run(json.readTree(line));
            Streamed rest = result instanceof Streamed streamed ? streamed : null;
            return new Reply(success(rest == null ? result : rest.result()), rest);
        } catch (Throwable failure) {
            return new Reply(failure(failure), null);
        }
    }

    private byte[] success(@Nullable Object result) throws JsonProcessingException {
        ObjectNode answer = json.createObjectNode().put("ok", true);
        return json.writeValueAsBytes(answer.set("result", json.valueToTree(result)));
    }

    /** A line behind an answer, without its end. */
    byte[] line(Object content) {
        try {
            return json.writeValueAsBytes(content);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private byte[] failure(Throwable failure) {
        try {
            throw failure;
        } catch (CommandRefused refused) {
            return error(String.valueOf(refused.getMessage()), refused.isUnreadable() ? BAD_REQUEST : REFUSED);
        } catch (BadRequest bad) {
            return error(String.valueOf(bad.getMessage()), BAD_REQUEST);
        } catch (IOException notJson) {
            return error("expected one JSON object in a line", BAD_REQUEST);
        } catch (ChangeUnconfirmed unconfirmed) {
            LOG.error("{}", unconfirmed.getMessage());
            return error(String.valueOf(unconfirmed.getMessage()), REFUSED);
        } catch (Throwable bug) {
            LOG.error("a command failed", bug);
            return error("the command failed, the gateway's log says why: " + bug, REFUSED);
        }
    }

    private @Nullable Object run(@Nullable JsonNode request) throws BadRequest, CommandRefused {
        if (request == null || !request.isObject()) throw new BadRequest("expected one JSON object in a line");
        StringBuilder name = new StringBuilder();
        for (JsonNode word : request.path("command")) {
            name.append(name.isEmpty() ? "" : " ").append(word.asText());
        }
        Command<?> command = commands.get(name.toString());
        if (command == null) throw new BadRequest("unknown command: " + name);
        JsonNode arguments = request.hasNonNull("arguments") ? request.get("arguments") : json.createObjectNode();
        if (!arguments.isObject()) throw new BadRequest("arguments: expected an object");
        return run(command, arguments);
    }

    private static <R extends Record> @Nullable Object run(Command<R> command, JsonNode arguments)
            throws BadRequest, CommandRefused {
        return command.action().run(Requests.read(arguments, command.request()));
    }

    /** An answer that says no. */
    byte[] error(String message, int exit) {
        ObjectNode answer =
                json.createObjectNode().put("ok", false).put("error", message).put("exit", exit);
        try {
            return json.writeValueAsBytes(answer);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    byte[] tooLong(int maxBytes) {
        return error("the request line is longer than " + maxBytes + " bytes", BAD_REQUEST);
    }

    byte[] stopping() {
        return error("the gateway is stopping", REFUSED);
    }

    byte[] tooMany(int connections) {
        return error("there are " + connections + " control connections already", REFUSED);
    }
}
