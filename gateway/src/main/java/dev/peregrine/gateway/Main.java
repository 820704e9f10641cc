package dev.peregrine.gateway;

import dev.peregrine.gateway.command.Cli;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.metric.source.GatewayMetrics;
import dev.peregrine.gateway.noun.Nouns;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.runtime.Preparation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program {@code peregrine}. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        if (List.of(args).contains("run")) {
            Preparation.begin();
        }
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(Cli.onStandardOutput(Main::start, out, err).execute(args));
    }

    /** Starts a gateway that answers all commands. */
    static OverlayGateway start(ConfigFile file) throws BadConfig, IOException {
        return OverlayGateway.start(file, Nouns::of, GatewayMetrics::new);
    }
}
