package dev.peregrine.gateway.noun;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.change.ConfigEdit;
import dev.peregrine.gateway.config.change.Outcome;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.Yaml;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.request.change.ConfigText;
import dev.peregrine.gateway.control.request.change.DrainOptions;
import dev.peregrine.gateway.control.request.change.PortAddition;
import dev.peregrine.gateway.control.request.change.PortKey;
import dev.peregrine.gateway.control.request.change.ReloadOptions;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import dev.peregrine.gateway.control.request.change.VniAddition;
import dev.peregrine.gateway.control.request.change.VniKey;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.runtime.OverlayGateway;
import dev.peregrine.gateway.runtime.Reload;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Answers the commands that change the configuration of the running gateway: by its file, or by an edit of what it runs
 * with. On the control thread; a change has taken effect on every worker when its method returns.
 */
public final class ConfigCommands implements Noun {
    private static final String PORTS = "ports";

    private final OverlayGateway gateway;

    ConfigCommands(OverlayGateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("reload", ReloadOptions.class, this::reload),
                Command.of("config diff", ConfigText.class, this::difference),
                Command.of("port add", PortAddition.class, this::addPort),
                Command.of("port del", PortKey.class, this::deletePort),
                Command.of("vni add", VniAddition.class, this::addVni),
                Command.of("vni del", VniKey.class, this::deleteVni),
                Command.of("flood add", RemoteKey.class, this::addFlood),
                Command.of("flood del", RemoteKey.class, this::deleteFlood),
                Command.of("vtep add", RemoteKey.class, this::addVtep),
                Command.of("vtep del", RemoteKey.class, this::deleteVtep),
                Command.change("drain", DrainOptions.class, this::drain));
    }

    private Outcome reload(ReloadOptions options) throws CommandRefused {
        if (!options.dryRun()) {
            requireNotDraining();
        }
        return refusing(() -> {
            Reload reload = gateway.reload();
            return options.dryRun() ? reload.ask(reload.file()) : reload.followFile();
        });
    }

    private Outcome difference(ConfigText text) throws CommandRefused {
        return refusing(() -> gateway.reload()
                .ask(ConfigFile.parse(Objects.requireNonNullElse(text.source(), "config"), text.config())));
    }

    private void drain(DrainOptions options) {
        gateway.drain().set(!options.off());
    }

    private void requireNotDraining() throws CommandRefused {
        if (gateway.drain().isOn()) {
            throw new CommandRefused("the gateway is draining, and takes no changes: drain off ends that");
        }
    }

    // ---- edits ------------------------------------------------------------------------------------------------

    private Outcome addPort(PortAddition addition) throws CommandRefused {
        Object port = yaml("port", addition.port());
        Outcome outcome = edit("port add", edit -> ConfigEdit.add(vni(edit, addition.vni()), PORTS, port));
        List<String> warnings = new ArrayList<>(outcome.warnings());
        if (port instanceof Map<?, ?> its) {
            LocalPort made = gateway.localPorts().named(String.valueOf(its.get("name")));
            if (made != null && made.state() != LocalPort.State.UP) {
                String state = made.state().name().toLowerCase(Locale.ROOT);
                warnings.add("port " + made.config().name() + " is " + state + ": " + made.reason());
            }
        }
        return new Outcome(outcome.applied(), outcome.changes(), outcome.restart(), warnings);
    }

    /** The entries of the configuration that lead to the port go with it. */
    private Outcome deletePort(PortKey key) throws CommandRefused {
        return edit("port del", edit -> {
            Map<String, Object> vni = edit.vniOfPort(key.port());
            if (vni == null) {
                throw new CommandRefused("there is no port " + key.port());
            }
            ConfigEdit.remove(vni, PORTS, port -> ConfigEdit.isCalled(port, key.port()));
            ConfigEdit.remove(
                    vni,
                    "fdb",
                    entry -> entry instanceof Map<?, ?> its && key.port().equals(its.get("port")));
        });
    }

    private Outcome addVni(VniAddition addition) throws CommandRefused {
        Map<String, Object> vni = new LinkedHashMap<>();
        vni.put("vni", addition.vni().number());
        if (addition.settings() != null) {
            if (!(yaml("settings", addition.settings()) instanceof Map<?, ?> settings)) {
                throw CommandRefused.unreadable("settings: expected a mapping with keys of a VNI");
            }
            settings.forEach((key, value) -> vni.put(String.valueOf(key), value));
        }
        return edit("vni add", edit -> ConfigEdit.add(edit.top(), "vnis", vni));
    }

    private Outcome deleteVni(VniKey key) throws CommandRefused {
        return edit("vni del", edit -> {
            Map<String, Object> vni = vni(edit, key.vni());
            ConfigEdit.remove(edit.top(), "vnis", vni::equals);
        });
    }

    private Outcome addFlood(RemoteKey key) throws CommandRefused {
        return edit("flood add", edit -> ConfigEdit.add(vni(edit, required(key.vni())), "flood", text(key.vtep())));
    }

    private Outcome deleteFlood(RemoteKey key) throws CommandRefused {
        Vni number = required(key.vni());
        return edit("flood del", edit -> {
            if (!ConfigEdit.remove(vni(edit, number), "flood", text(key.vtep())::equals)) {
                throw new CommandRefused(text(key.vtep()) + " is not in the flood list of VNI " + number);
            }
        });
    }

    private Outcome addVtep(RemoteKey key) throws CommandRefused {
        return edit("vtep add", edit -> ConfigEdit.add(edit.underlay(), "vteps", text(key.vtep())));
    }

    private Outcome deleteVtep(RemoteKey key) throws CommandRefused {
        return edit("vtep del", edit -> {
            if (!ConfigEdit.remove(edit.underlay(), "vteps", text(key.vtep())::equals)) {
                throw new CommandRefused(text(key.vtep()) + " is none of underlay.vteps" + named(key.vtep()));
            }
        });
    }

    /** The others that name a VTEP, as the end of a message. */
    private String named(InetAddress vtep) {
        for (VniConfig vni : gateway.config().vnis()) {
            if (vni.flood().contains(vtep)) {
                return ", but in a flood list: flood del " + text(vtep) + " vni " + vni.vni();
            }
        }
        return "";
    }

    private static String text(InetAddress address) {
        return AddressText.of(address);
    }

    private static Vni required(@Nullable Vni vni) throws CommandRefused {
        if (vni == null) {
            throw CommandRefused.unreadable("vni is missing");
        }
        return vni;
    }

    private static @Nullable Object yaml(String name, String text) throws CommandRefused {
        try {
            return Yaml.value(text);
        } catch (YamlEngineException e) {
            throw CommandRefused.unreadable(name + ": found a syntax error: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "; expected YAML");
        }
    }

    private static Map<String, Object> vni(ConfigEdit edit, Vni number) throws CommandRefused {
        Map<String, Object> vni = edit.vni(number.number());
        if (vni == null) {
            throw new CommandRefused("VNI " + number + " is not configured here");
        }
        return vni;
    }

    private interface Edit {
        void make(ConfigEdit edit) throws CommandRefused;
    }

    private Outcome edit(String command, Edit edit) throws CommandRefused {
        requireNotDraining();
        return refusing(() -> {
            ConfigEdit editing = new ConfigEdit(command, gateway.reload().running());
            edit.make(editing);
            ConfigFile after = editing.read();
            Outcome outcome = gateway.reload().follow(after);
            return new Outcome(true, outcome.changes(), outcome.restart(), editing.newWarnings(after));
        });
    }

    private interface Change {
        Outcome make() throws BadConfig, IOException, CommandRefused;
    }

    private static Outcome refusing(Change change) throws CommandRefused {
        try {
            return change.make();
        } catch (BadConfig bad) {
            throw CommandRefused.unreadable(String.valueOf(bad.getMessage()));
        } catch (IOException e) {
            throw new CommandRefused("nothing has changed: " + e.getMessage());
        }
    }
}
