package dev.peregrine.gateway.command.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.client.Screen;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A list of everything of one kind, or of the rows that have certain values. */
@Command
public final class ListCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "[COLUMN VALUE]…",
            hideParamSyntax = true,
            description = "only rows that have the value in the column, such as: vni 42")
    private @Nullable List<String> words;

    @Mixin
    private final View view = new View();

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
        RowFilter filter = RowFilter.of(words, columns);
        return print(
                globals, noun, columns, view, filter.choose(globals.client().call(noun + " list")));
    }

    /** Prints all rows of a list, as a table or as JSON; returns the exit code. */
    public static int print(Globals globals, String noun, Columns columns, JsonNode rows) throws CommandFailed {
        return print(globals, noun, columns, new View(), rows);
    }

    /** Prints the rows that a view shows of a list, as a table or as JSON; returns the exit code. */
    public static int print(Globals globals, String noun, Columns columns, View view, Iterable<JsonNode> all)
            throws CommandFailed {
        List<JsonNode> rows = view.choose(all, columns);
        if (globals.json()) {
            ArrayNode array = Globals.mapper().createArrayNode();
            rows.forEach(array::add);
            globals.print(array);
        } else if (rows.isEmpty()) {
            globals.err().println("the list is empty: " + noun);
        } else {
            print(globals, columns.table(rows, view.isHuman()), view.isWide() ? Screen.UNLIMITED : globals.width());
        }
        return Exit.DONE;
    }

    /** On a terminal empty columns give way to others; elsewhere every column is in its place. */
    private static void print(Globals globals, TextTable whole, int width) {
        if (width == Screen.UNLIMITED) {
            whole.print(globals.out());
            return;
        }
        TextTable filled = whole.withoutEmpty();
        TextTable fitting = filled.fit(width);
        fitting.print(globals.out());
        List<String> missing = fitting.missing(filled);
        if (!missing.isEmpty()) {
            globals.out().flush();
            globals.err().println("not shown: " + String.join(", ", missing) + " (--wide)");
        }
    }
}
