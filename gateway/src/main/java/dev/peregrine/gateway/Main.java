package dev.peregrine.gateway;

import dev.peregrine.gateway.command.Cli;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The program {@code peregrine}. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(new Cli(OverlayGateway::start, out, err).execute(args));
    }
}
