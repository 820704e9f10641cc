package dev.peregrine.gateway.config.keys;

import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.model.HttpConfig;
import dev.peregrine.gateway.config.model.MetricsConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.schema.Values;
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
            "Path of the control socket, mode 0600. `auto` is `control.sock` in the runtime directory of a systemd service,"
                    + " else `/run/peregrine/control.sock` for root and"
                    + " `$XDG_RUNTIME_DIR/peregrine/control.sock` for an ordinary user"
                    + " (`/tmp/peregrine-UID/control.sock` where that is not set).");
    private static final Key<ControlConfig, HttpConfig> HTTP = TABLE.defaulted(
            "http",
            NetworkTypes.httpAddress(),
            HttpConfig.AUTO,
            ControlConfig::http,
            "Address and port at which `/metrics`, `/healthz` and `/readyz` are served over HTTP, to everyone who can reach"
                    + " it: see [operations.md](operations.md#metrics). `auto` is `127.0.0.1:9464`; if another program has that,"
                    + " the log says so and the gateway goes on without. With an address of its own it refuses to start where it"
                    + " cannot listen.");

    /** The keys of {@code control.metrics}. */
    public static final Table<MetricsConfig> METRICS = new Table<>("control.metrics", ControlKeys::createMetrics);

    private static final Key<MetricsConfig, Boolean> PORTS = METRICS.defaulted(
            "ports",
            Scalars.onOff(),
            true,
            MetricsConfig::ports,
            "Whether each port has series of its own, five of them.");
    private static final Key<MetricsConfig, Integer> VTEPS = METRICS.defaulted(
            "vteps",
            Scalars.integer(0, 65_536),
            256,
            MetricsConfig::vteps,
            "The most remote VTEPs that have series of their own, five each: those that were known first. The totals of the"
                    + " underlay count all.");

    private static final Key<ControlConfig, MetricsConfig> SERIES =
            TABLE.section("metrics", METRICS, ControlConfig::metrics, "How many series the metrics have.");

    private ControlKeys() {}

    /** A path; {@code auto} is this user's, and is written as the path that it is. */
    private static ValueType<Path> socket() {
        return Scalars.converted(
                Scalars.orWord("auto", NetworkTypes.unixSocket()),
                path -> path.orElseGet(ControlConfig::defaultSocket),
                Optional::of);
    }

    private static ControlConfig create(Values values) {
        return new ControlConfig(values.get(SOCKET), values.get(HTTP), values.get(SERIES));
    }

    private static MetricsConfig createMetrics(Values values) {
        return new MetricsConfig(values.get(PORTS), values.get(VTEPS));
    }
}
