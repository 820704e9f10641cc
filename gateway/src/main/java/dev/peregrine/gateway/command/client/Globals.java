package dev.peregrine.gateway.command.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.control.Version;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
public final class Globals implements Terminal {
    private static final double PATIENT_SECONDS = 120;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "Control socket of the gateway. Default: that of --config, else PEREGRINE_SOCKET, else this"
                    + " user's.")
    private @Nullable Path socket;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "The configuration file: for run, check and doctor, and where other commands take the control socket"
                            + " from.")
    private @Nullable Path config;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON.")
    private boolean json;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "5",
            scope = ScopeType.INHERIT,
            description = "Seconds to wait for the gateway; reload, port and vni wait for 120 at least. Default:"
                    + " ${DEFAULT-VALUE}.")
    private double timeoutSeconds;

    private final PrintWriter out;
    private final PrintWriter err;
    private final String usualSocket;
    private final IntSupplier width;

    /**
     * @param usualSocket the path where a gateway is if nothing else is said; empty for this user's
     * @param width the columns of the terminal behind {@code out}, see {@link Screen}; asked only where it matters
     */
    public Globals(PrintWriter out, PrintWriter err, String usualSocket, IntSupplier width) {
        this.width = width;
        this.out = out;
        this.err = err;
        this.usualSocket = usualSocket;
    }

    /** The program's version, as {@code --version} prints it. */
    static final class VersionText implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"peregrine " + Version.text()};
        }
    }

    /** The control socket that {@code --socket} names; empty without it. */
    public @Nullable Path givenSocket() {
        return socket;
    }

    /** The configuration file that {@code --config} names; null without it. */
    public @Nullable Path givenConfig() {
        return config;
    }

    /** The configuration file, for commands that cannot do without. */
    public Path requiredConfig() throws CommandFailed {
        if (config == null) throw new CommandFailed(Exit.USAGE, "found no configuration; expected --config FILE");
        return config;
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

    /** The columns that a line of results may have. */
    public int width() {
        return width.getAsInt();
    }

    /** A client of the gateway that the options name. */
    public ControlClient client() throws CommandFailed {
        return client(0);
    }

    /**
     * The same for what may take its time, as the kernel needs some ten milliseconds for each device: it waits longer.
     */
    public ControlClient patientClient() throws CommandFailed {
        return client(PATIENT_SECONDS);
    }

    private ControlClient client(double atLeastSeconds) throws CommandFailed {
        // Also refuses what is not a number.
        if (!(timeoutSeconds > 0 && timeoutSeconds <= 86_400)) {
            throw new CommandFailed(Exit.USAGE, "--timeout: expected seconds, more than 0 and at most 86400");
        }
        return new ControlClient(path(), Duration.ofMillis(Math.max(1, (long)
                (Math.max(timeoutSeconds, atLeastSeconds) * 1000))));
    }

    private Path path() throws CommandFailed {
        if (socket != null && socket.toString().isEmpty()) {
            throw new CommandFailed(Exit.USAGE, "--socket: found nothing; expected a path");
        }
        if (socket != null) return socket;
        if (config != null) return socketOf(config);
        return usualSocket.isEmpty() ? ControlConfig.defaultSocket() : Path.of(usualSocket);
    }

    private static Path socketOf(Path file) throws CommandFailed {
        try {
            return ConfigFile.load(file).config().control().socket();
        } catch (BadConfig bad) {
            throw new CommandFailed(Exit.USAGE, String.valueOf(bad.getMessage()));
        }
    }

    /** Prints a JSON value, indented. */
    public void print(JsonNode value) {
        out.println(value.toPrettyString());
    }

    /** Prints a result: as JSON if that is wanted, otherwise as {@code text} does. */
    public void print(JsonNode result, Runnable text) {
        if (json) print(result);
        else text.run();
    }

    /** Says that a change without a result is made: with JSON, by an empty object. */
    public int changed() {
        if (json) print(mapper().createObjectNode());
        return Exit.DONE;
    }

    /** Prints a record, a line for each field. */
    public int printFields(JsonNode result, int nameWidth, UnaryOperator<String> name) {
        print(
                result,
                () -> result.properties()
                        .forEach(field -> out.println(String.format(
                                        Locale.ROOT,
                                        "%-" + nameWidth + "s %s",
                                        name.apply(field.getKey()),
                                        text(field.getValue()))
                                .stripTrailing())));
        return Exit.DONE;
    }

    /** Of an object, what is not 0 in it. */
    private static String text(JsonNode value) {
        return value.isObject()
                ? value.properties().stream()
                        .filter(part -> part.getValue().asLong() != 0)
                        .map(part -> part.getKey() + " " + part.getValue().asText())
                        .collect(Collectors.joining(", "))
                : value.asText();
    }

    /** The mapper that reads and writes JSON. */
    public static ObjectMapper mapper() {
        return Mapper.JSON;
    }

    /** Loaded only by commands that use JSON. */
    private static final class Mapper {
        private static final ObjectMapper JSON = new ObjectMapper();
    }
}
