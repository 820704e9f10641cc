package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.config.ScheduleConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How the stages of one flow are spread over the workers. */
@Command(name = "schedule", description = "How the devices of one flow are spread over the workers.")
final class ScheduleCommand {
    private static final Columns COLUMNS = new Columns("flowHash", "device", "id", "first", "second", "now");
    private static final List<String> BALANCES = ScheduleConfig.BALANCES;
    private static final List<String> MODES = ScheduleConfig.MODES;

    private final Globals globals;

    ScheduleCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "show", description = "The schedule in force, and why.")
    int show() throws CommandFailed {
        return print(globals.client().call("schedule show", Globals.mapper().createObjectNode()));
    }

    @Command(
            name = "set",
            description = {
                "Changes the schedule without loss, until the gateway ends:",
                "schedule set (run-to-completion | queued | pipelined | auto) [static | two-choices] [split | whole]"
            })
    int set(
            @Parameters(
                            paramLabel = "MODE [BALANCE] [split | whole]",
                            hideParamSyntax = true,
                            arity = "1..*",
                            description = "see above")
                    List<String> words)
            throws CommandFailed {
        ObjectNode arguments = Globals.mapper().createObjectNode();
        for (String word : words) {
            if (MODES.contains(word)) put(arguments, "mode", word);
            else if (BALANCES.contains(word)) put(arguments, "balance", word);
            else if (word.equals("split") || word.equals("whole")) arguments.put("split", word.equals("split"));
            else throw Words.usage(word, "one of " + String.join(", ", MODES) + ", " + String.join(", ", BALANCES));
        }
        if (!arguments.has("mode")) throw Words.usage("no schedule", "one of " + String.join(", ", MODES));
        return print(globals.client().call("schedule set", arguments));
    }

    private static void put(ObjectNode arguments, String name, String word) throws CommandFailed {
        if (arguments.has(name)) throw Words.usage(word, "one " + name);
        arguments.put(name, word);
    }

    @Command(
            name = "map",
            description = {
                "Which worker runs which device for which flow: schedule map [FLOWHASH]",
                "Without a hash, for some."
            })
    int map(
            @Parameters(paramLabel = "FLOWHASH", arity = "0..1", description = "up to eight hexadecimal digits")
                    String flow)
            throws CommandFailed {
        ObjectNode arguments = Globals.mapper().createObjectNode();
        if (flow != null) arguments.put("flow", flow);
        ListCommand.print(globals, "schedule", COLUMNS, globals.client().call("schedule map", arguments));
        return Exit.DONE;
    }

    private int print(JsonNode report) {
        if (globals.json()) {
            globals.print(report);
            return Exit.DONE;
        }
        for (Map.Entry<String, JsonNode> field : report.properties()) {
            String name = Columns.header(field.getKey()).toLowerCase(Locale.ROOT);
            String line = String.format(
                    Locale.ROOT, "%-19s %s", name, field.getValue().asText());
            globals.out().println(line.stripTrailing());
        }
        return Exit.DONE;
    }
}
