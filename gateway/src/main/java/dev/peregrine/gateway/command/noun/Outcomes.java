package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;

/**
 * The effects of a change of the configuration, done or not yet, a line for each: + for what comes, - for what goes, ~
 * for the rest.
 */
public final class Outcomes {
    private Outcomes() {}

    /** Prints an outcome; returns the exit code. */
    public static int print(Globals globals, JsonNode outcome) {
        globals.print(outcome, () -> {
            for (JsonNode change : outcome.path("changes")) globals.out().println(line(change));
            for (JsonNode change : outcome.path("restart")) {
                globals.out().println(line(change).replaceFirst("~", "!") + " (takes a restart)");
            }
            for (JsonNode warning : outcome.path("warnings")) globals.err().println(warning.asText());
            if (outcome.path("changes").isEmpty() && outcome.path("restart").isEmpty()) {
                globals.err().println("nothing differs");
            }
        });
        return Exit.DONE;
    }

    /** As the gateway's log has it. */
    private static String line(JsonNode change) {
        String what = change.path("what").asText();
        JsonNode before = change.path("before");
        JsonNode after = change.path("after");
        if (!before.isNull() && !after.isNull()) return "~ " + what + ": " + before.asText() + " -> " + after.asText();
        String value = (before.isNull() ? after : before).asText();
        return (before.isNull() ? "+ " : "- ") + what + (value.isEmpty() ? "" : " " + value);
    }
}
