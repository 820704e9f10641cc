package dev.peregrine.gateway.command;

import dev.peregrine.gateway.command.client.Screen;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** The result of a command line that ran in this process. */
record Outcome(int exit, String out, String err) {

    static Outcome of(String... words) {
        return of(Map.of(), words);
    }

    /** @param environment the variables that the program sees */
    static Outcome of(Map<String, String> environment, String... words) {
        return of(environment, Screen.UNLIMITED, words);
    }

    /** @param width the columns of the terminal */
    static Outcome of(Map<String, String> environment, int width, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Cli cli = new Cli(
                file -> new FakeGateway(), new PrintWriter(out), new PrintWriter(err), environment, () -> width);
        return new Outcome(cli.execute(words), out.toString(), err.toString());
    }
}
