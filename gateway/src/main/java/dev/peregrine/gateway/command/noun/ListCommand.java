package dev.peregrine.gateway.command.noun;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** A list of everything of one kind. */
@Command
public final class ListCommand implements Callable<Integer> {
    private final Globals globals;
    private final String noun;
    private final Columns columns;

    /** The command {@code list} of a noun, printed in these columns. */
    public ListCommand(Globals globals, String noun, Columns columns) {
        this.globals = globals;
        this.noun = noun;
        this.columns = columns;
    }

    @Override
    public Integer call() throws CommandFailed {
        return print(globals, noun, columns, globals.client().call(noun + " list"));
    }

    static int print(Globals globals, String noun, Columns columns, JsonNode rows) {
        if (globals.json()) {
            globals.print(rows);
        } else if (rows.isEmpty()) {
            globals.err().println("the list is empty: " + noun);
        } else {
            columns.print(rows, globals.out());
        }
        return Exit.DONE;
    }
}
