package dev.peregrine.gateway.doctor.check;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalLong;

/**
 * The answers of a gateway that runs, in the JSON of its commands.
 *
 * @param pid of its process; empty where this user cannot see it
 */
public record RunningGateway(
        OptionalLong pid, JsonNode status, JsonNode vnis, JsonNode ports, JsonNode vteps, JsonNode drops) {

    /** Wire packets dropped for a reason, by its name. */
    public long dropped(String reason) {
        for (JsonNode row : drops) {
            if (row.path("reason").asText().equals(reason))
                return row.path("count").asLong();
        }
        return 0;
    }

    /** A counter of the kernel since the gateway's start; 0 where it is not known. */
    public long kernelCounter(String name) {
        for (JsonNode row : status.path("kernelCounters")) {
            if (row.path("name").asText().equals(name)) return row.path("count").asLong();
        }
        return 0;
    }
}
