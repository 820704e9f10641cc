package dev.peregrine.gateway.config;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.gateway.config.keys.RootKeys;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.rules.Rules;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.Causes;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.config.schema.JsonSchema;
import dev.peregrine.gateway.config.schema.Place;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.schema.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** A configuration file that has been read, and is right as far as the file alone can tell. */
public final class ConfigFile {
    private static final long MAX_BYTES = 16L << 20;

    private final GatewayConfig config;
    private final Reading reading;
    private final Optional<Path> path;

    private ConfigFile(GatewayConfig config, Reading reading, Optional<Path> path) {
        this.config = config;
        this.reading = reading;
        this.path = path;
    }

    /** Reads and checks the file; {@link BadConfig} has everything that is wrong with it. */
    public static ConfigFile load(Path path) throws BadConfig {
        String name = path.toString();
        try {
            if (Files.size(path) > MAX_BYTES) throw unreadable(name, "more than 16 MiB");
            ConfigFile file = parse(name, Files.readString(path));
            return new ConfigFile(file.config, file.reading, Optional.of(path.toAbsolutePath()));
        } catch (CharacterCodingException failure) {
            throw unreadable(name, "bytes that are not UTF-8");
        } catch (IOException failure) {
            throw unreadable(name, Causes.text(failure));
        }
    }

    private static BadConfig unreadable(String name, String found) {
        return new BadConfig(List.of(new ConfigError(name, 0, "", found, "a readable YAML file")));
    }

    /** As {@link #load}, of a text; {@code name} stands for the file in messages. */
    public static ConfigFile parse(String name, String text) throws BadConfig {
        Reading reading = new Reading(name);
        GatewayConfig config = null;
        try {
            config = RootKeys.TABLE.read(Place.top(reading), Yaml.read(text));
        } catch (MarkedYamlEngineException failure) {
            int line = failure.getProblemMark().map(Mark::getLine).orElse(-1) + 1;
            reading.error(line, "", "a syntax error: " + failure.getContext() + ", " + failure.getProblem(), "YAML");
        } catch (YamlEngineException failure) {
            reading.error(0, "", "a syntax error: " + failure.getMessage(), "YAML");
        }
        if (config != null) {
            new Rules(reading).check(config);
        }
        List<ConfigError> errors = reading.errors();
        if (config == null || !errors.isEmpty()) throw new BadConfig(errors);
        return new ConfigFile(withoutOwnInFloods(config, reading), reading, Optional.empty());
    }

    /** One flood list may do for all gateways, each of which leaves itself out. */
    private static GatewayConfig withoutOwnInFloods(GatewayConfig read, Reading reading) {
        InetAddress own = read.underlay().local();
        if (read.vnis().stream().noneMatch(vni -> vni.flood().contains(own))) return read;
        List<VniConfig> vnis = new ArrayList<>();
        for (VniConfig vni : read.vnis()) {
            VniConfig others = vni.withFlood(
                    vni.flood().stream().filter(vtep -> !vtep.equals(own)).toList());
            reading.replaced(vni, others);
            vnis.add(others);
        }
        GatewayConfig config = read.withVnis(vnis);
        reading.replaced(read, config);
        return config;
    }

    public GatewayConfig config() {
        return config;
    }

    /** Where the file is, absolute; empty for a text that was not read from one. */
    public Optional<Path> path() {
        return path;
    }

    /** Checks that what the configuration needs is there, and adds to the {@link #warnings}. */
    public void check(Room room) throws BadConfig {
        room.check(config, reading);
        List<ConfigError> errors = reading.errors();
        if (!errors.isEmpty()) throw new BadConfig(errors);
    }

    /** Warnings about namespaces that are not there at this moment, a line each: their ports will wait. */
    public List<String> absences() {
        List<String> absences = new ArrayList<>();
        for (VniConfig vni : config.vnis()) {
            for (PortConfig port : vni.ports()) {
                port.netns()
                        .map(NetNamespace::of)
                        .filter(namespace -> !Files.exists(namespace.path()))
                        .ifPresent(missing -> absences.add(reading.warningAt(
                                (Record) port, "netns", missing.absence() + "; until then the port waits")));
            }
        }
        return absences;
    }

    /** Legal settings that will not do what they seem to, a line each. */
    public List<String> warnings() {
        return reading.warnings();
    }

    /**
     * An error found only at start, where devices and CPUs are known, in the words of the others:
     * {@code key} of {@code part}, which is a record of this file's {@link #config}.
     */
    public ConfigError error(Record part, String key, String found, String expected) {
        return reading.errorAt(part, key, found, expected);
    }

    /** The JSON Schema (draft 2020-12) of a configuration file, as maps and lists that any JSON writer prints. */
    public static Map<String, Object> schema() {
        return JsonSchema.of(RootKeys.TABLE, "The configuration of a Peregrine gateway");
    }

    /** The configuration with every default, as YAML that reads back as the same records. */
    public String effective() {
        return effective(config);
    }

    /** The same, of any configuration. */
    public static String effective(GatewayConfig config) {
        return Yaml.write(RootKeys.TABLE.yaml(config));
    }
}
