package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.table.Columns;
import dev.peregrine.gateway.command.table.ListCommand;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.control.report.SteeringRow;
import dev.peregrine.gateway.control.request.ScheduleChange;
import dev.peregrine.gateway.control.request.SteeringFilter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How the stages of one flow are spread over the workers. */
@Command(name = "schedule", description = "How the devices of one flow are spread over the workers.")
public final class ScheduleCommand {
    private static final Columns COLUMNS = Columns.of(SteeringRow.class);
    private static final List<String> BALANCES = ScheduleConfig.BALANCES;
    private static final List<String> MODES = ScheduleConfig.MODES;

    private final Globals globals;

    /** The command with the options that all commands share. */
    public ScheduleCommand(Globals globals) {
        this.globals = globals;
    }

    @Command(name = "show", description = "The schedule in force, and why.")
    int show() throws CommandFailed {
        return print(globals.client().call("schedule show"));
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
        String mode = null;
        String balance = null;
        Boolean split = null;
        for (String word : words) {
            if (MODES.contains(word)) mode = once("mode", mode, word);
            else if (BALANCES.contains(word)) balance = once("balance", balance, word);
            else if (word.equals("split") || word.equals("whole")) split = word.equals("split");
            else throw Words.usage(word, "one of " + String.join(", ", MODES) + ", " + String.join(", ", BALANCES));
        }
        if (mode == null) throw Words.usage("no schedule", "one of " + String.join(", ", MODES));
        return print(globals.client().call("schedule set", new ScheduleChange(mode, balance, split)));
    }

    private static String once(String name, @Nullable String before, String word) throws CommandFailed {
        if (before != null) throw Words.usage(word, "one " + name);
        return word;
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
        SteeringFilter filter = new SteeringFilter(flow);
        return ListCommand.print(globals, "schedule", COLUMNS, globals.client().call("schedule map", filter));
    }

    private int print(JsonNode report) {
        return globals.printFields(report, 19, field -> Columns.header(field).toLowerCase(Locale.ROOT));
    }
}
