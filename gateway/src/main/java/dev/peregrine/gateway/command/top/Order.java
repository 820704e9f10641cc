package dev.peregrine.gateway.command.top;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.Locale;

/** The keys by which ports and flows are sorted. */
enum Order {
    BITS,
    PACKETS,
    NAME;

    /** The next one, in a circle. */
    Order next() {
        return switch (this) {
            case BITS -> PACKETS;
            case PACKETS -> NAME;
            case NAME -> BITS;
        };
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    Comparator<JsonNode> ports() {
        return switch (this) {
            case BITS -> most("rxBytesPerSecond", "txBytesPerSecond");
            case PACKETS -> most("rxPacketsPerSecond", "txPacketsPerSecond");
            case NAME -> Comparator.comparing(row -> row.path("name").asText());
        };
    }

    Comparator<JsonNode> flows() {
        return switch (this) {
            case BITS -> most("bytesPerSecond", "bytesPerSecond");
            case PACKETS -> most("packetsPerSecond", "packetsPerSecond");
            case NAME -> Comparator.comparing(View::flow);
        };
    }

    private static Comparator<JsonNode> most(String one, String other) {
        return Comparator.comparingDouble((JsonNode row) ->
                        row.path(one).asDouble() + row.path(other).asDouble())
                .reversed();
    }
}
