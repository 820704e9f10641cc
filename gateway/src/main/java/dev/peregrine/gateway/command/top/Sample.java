package dev.peregrine.gateway.command.top;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.ControlClient;

/**
 * One look at a gateway.
 *
 * @param nanos when it was taken, by {@link System#nanoTime}
 */
record Sample(
        long nanos,
        JsonNode status,
        JsonNode workers,
        JsonNode ports,
        JsonNode flows,
        JsonNode flowStats,
        JsonNode drops) {

    /** Looks at what the client's gateway says. */
    static Sample take(ControlClient client) throws CommandFailed {
        return new Sample(
                System.nanoTime(),
                client.call("status"),
                client.call("worker list"),
                client.call("port list"),
                client.call("flow list"),
                client.call("flow stats"),
                client.call("drop list"));
    }
}
