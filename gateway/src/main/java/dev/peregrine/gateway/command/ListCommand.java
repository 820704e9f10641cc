package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** A list of everything of one kind. */
@Command
final class ListCommand implements Callable<Integer> {
    private final Globals globals;
    private final String noun;
    private final Table table;

    ListCommand(Globals globals, String noun, Table table) {
        this.globals = globals;
        this.noun = noun;
        this.table = table;
    }

    @Override
    public Integer call() throws CommandFailed {
        print(
                globals,
                noun,
                table,
                globals.client().call(noun + " list", Globals.mapper().createObjectNode()));
        return Exit.DONE;
    }

    static void print(Globals globals, String noun, Table table, JsonNode rows) {
        if (globals.json()) {
            globals.print(rows);
        } else if (rows.isEmpty()) {
            globals.err().println("the list is empty: " + noun);
        } else {
            table.print(rows, globals.out());
        }
    }
}
