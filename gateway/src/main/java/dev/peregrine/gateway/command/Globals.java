package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.Version;
import dev.peregrine.gateway.config.ControlConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself: its name, the options that stand before or after every command, and its two outputs. */
@Command(
        name = "peregrine",
        description = "A userspace VXLAN overlay gateway.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Globals.VersionText.class,
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
final class Globals implements Terminal {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "Control socket of the gateway. Default: this user's.")
    private @Nullable Path socket;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "5",
            scope = ScopeType.INHERIT,
            description = "Seconds to wait for the gateway. Default: ${DEFAULT-VALUE}.")
    private double timeoutSeconds;

    private final PrintWriter out;
    private final PrintWriter err;

    Globals(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** The program's version, as {@code --version} prints it. */
    static final class VersionText implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"peregrine " + Version.text()};
        }
    }

    @Nullable
    Path givenSocket() {
        return socket;
    }

    @Override
    public boolean json() {
        return json;
    }

    @Override
    public PrintWriter out() {
        return out;
    }

    @Override
    public PrintWriter err() {
        return err;
    }

    ControlClient client() throws CommandFailed {
        // Also refuses what is not a number.
        if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) {
            throw new CommandFailed(Exit.USAGE, "--timeout: expected seconds, more than 0 and at most 86400");
        }
        Path path = socket == null ? ControlConfig.defaultSocket() : socket;
        return new ControlClient(path, Duration.ofMillis(Math.max(1, (long) (timeoutSeconds * 1000))));
    }

    /** Prints a JSON value, indented. */
    void print(JsonNode value) {
        out.println(value.toPrettyString());
    }

    static ObjectMapper mapper() {
        return Mapper.JSON;
    }

    /** Loaded only by commands that use JSON. */
    private static final class Mapper {
        private static final ObjectMapper JSON = new ObjectMapper();
    }
}
