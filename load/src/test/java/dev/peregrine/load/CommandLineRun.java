package dev.peregrine.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.command.Cli;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** A command line that was run in this process, and what it wrote. */
public record CommandLineRun(int exit, String out, String err) {

    /** Runs it as {@code peregrine} would. */
    public static CommandLineRun of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(
                file -> {
                    throw new AssertionError("no gateway is meant to start");
                },
                new PrintWriter(out, true),
                new PrintWriter(err, true));
        int exit = cli.execute(arguments);
        return new CommandLineRun(exit, out.toString(), err.toString());
    }

    /** Its output, which must be JSON. */
    public JsonNode json() {
        if (exit != 0) throw new AssertionError("exit " + exit + ": " + err);
        try {
            return new ObjectMapper().readTree(out);
        } catch (IOException wrong) {
            throw new UncheckedIOException("no JSON: " + out, wrong);
        }
    }
}
