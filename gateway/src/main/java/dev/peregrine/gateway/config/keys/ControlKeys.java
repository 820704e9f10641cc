package dev.peregrine.gateway.config.keys;

import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.schema.Values;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** The keys of {@code control}. */
public final class ControlKeys {
    /** The keys of {@code control}. */
    public static final Table<ControlConfig> TABLE = new Table<>("control", ControlKeys::create).takesRestart();

    private static final Key<ControlConfig, Path> SOCKET = TABLE.defaultedTo(
            "auto",
            "socket",
            socket(),
            ControlConfig::socket,
            "Path of the control socket, mode 0600. `auto` is `/run/peregrine/control.sock` for root and"
                    + " `$XDG_RUNTIME_DIR/peregrine/control.sock` for an ordinary user"
                    + " (`/tmp/peregrine-UID/control.sock` where that is not set).");
    private static final Key<ControlConfig, Optional<InetSocketAddress>> HTTP = TABLE.defaulted(
            "http",
            NetworkTypes.socketAddressOrOff(),
            Optional.empty(),
            ControlConfig::http,
            "Address and port of metrics and health over HTTP. Without effect in this version.");

    private ControlKeys() {}

    /** A path; {@code auto} is this user's, and is written as the path that it is. */
    private static ValueType<Path> socket() {
        return Scalars.converted(
                Scalars.orWord("auto", NetworkTypes.unixSocket()),
                path -> path.orElseGet(ControlConfig::defaultSocket),
                Optional::of);
    }

    private static ControlConfig create(Values values) {
        return new ControlConfig(values.get(SOCKET), values.get(HTTP));
    }
}
