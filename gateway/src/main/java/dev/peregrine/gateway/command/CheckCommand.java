package dev.peregrine.gateway.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peregrine.gateway.command.client.CommandFailed;
import dev.peregrine.gateway.command.client.Exit;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.command.noun.Outcomes;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.Causes;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.Yaml;
import dev.peregrine.gateway.control.request.change.ConfigText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Validates a configuration without starting anything, and compares it with a running gateway's. */
@Command(name = "check", description = "Validates a configuration: check --config FILE [--diff]")
final class CheckCommand implements Callable<Integer> {
    @Option(
            names = "--effective",
            description = "Print the configuration with every default, as YAML; as JSON with --json.")
    private boolean effective;

    @Option(
            names = "--schema",
            description = "Print the JSON Schema of configuration files, for editors; takes no file.")
    private boolean schema;

    @Option(
            names = "--diff",
            description =
                    "Print what the running gateway would change if it followed the file, and which keys take a restart.")
    private boolean diff;

    private final Globals globals;

    CheckCommand(Globals globals) {
        this.globals = globals;
    }

    @Override
    public Integer call() throws CommandFailed {
        if (schema) {
            globals.print(Globals.mapper().valueToTree(ConfigFile.schema()));
            return Exit.DONE;
        }
        Path config = globals.requiredConfig();
        try {
            ConfigFile file = ConfigFile.load(config);
            file.check(Room.ofMachine());
            List<String> warnings = Stream.concat(file.warnings().stream(), file.absences().stream())
                    .toList();
            if (globals.json() && !effective && !diff) {
                globals.print(report(List.of(), warnings).put("idleMemoryBytes", Room.idleBytes(file.config())));
                return Exit.DONE;
            }
            warnings.forEach(globals.err()::println);
            if (diff) {
                ConfigText text = new ConfigText(Files.readString(config), config.toString());
                return Outcomes.print(globals, globals.client().call("config diff", text));
            }
            if (globals.json()) globals.print(Globals.mapper().valueToTree(Yaml.values(file.effective())));
            else globals.out().print(effective ? file.effective() : config + " is valid\n");
            return Exit.DONE;
        } catch (IOException failure) {
            throw new CommandFailed(Exit.USAGE, config + " cannot be read: " + Causes.text(failure));
        } catch (BadConfig bad) {
            if (globals.json()) globals.print(report(bad.errors(), List.of()));
            throw new CommandFailed(Exit.USAGE, String.valueOf(bad.getMessage()));
        }
    }

    private static ObjectNode report(List<ConfigError> errors, List<String> warnings) {
        ObjectNode report = Globals.mapper().createObjectNode().put("valid", errors.isEmpty());
        report.putArray("errors");
        for (ConfigError error : errors) report.withArray("errors").addPOJO(error);
        report.putArray("warnings");
        for (String warning : warnings) report.withArray("warnings").add(warning);
        return Globals.mapper().valueToTree(report);
    }
}
