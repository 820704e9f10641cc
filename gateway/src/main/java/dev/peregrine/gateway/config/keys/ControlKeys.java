package dev.peregrine.gateway.config.keys;

import dev.peregrine.gateway.config.model.ControlConfig;
import dev.peregrine.gateway.config.model.HttpConfig;
import dev.peregrine.gateway.config.model.MetricsConfig;
import dev.peregrine.gateway.config.model.plane.DuplicateConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlanesConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Quantities;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.schema.Values;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys of {@code control}. */
public final class ControlKeys {
    /** The keys of {@code control}. */
    public static final Table<ControlConfig> TABLE = new Table<>("control", ControlKeys::create)
            .takesRestart("socket", "http", "hold", "withdrawDelay", "shrinkHold", "drainDelay", "cache");

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

    private static final Duration LONG = Duration.ofHours(24);

    private static final Key<ControlConfig, Optional<Duration>> HOLD = TABLE.defaulted(
            "hold",
            Scalars.orWord("forever", Quantities.duration(Duration.ofSeconds(1), Duration.ofDays(30))),
            Optional.of(Duration.ofMinutes(10)),
            control -> control.planes().hold(),
            "How long the claims of a plane that is away go on to hold. `forever`: until it is back.");
    private static final Key<ControlConfig, Duration> WITHDRAW_DELAY = TABLE.defaulted(
            "withdrawDelay",
            Quantities.durationOrZero(Duration.ofMillis(1), LONG),
            Duration.ofSeconds(1),
            control -> control.planes().withdrawDelay(),
            "How long what a plane withdraws stays, unless it is claimed again; 0 is not at all.");
    private static final Key<ControlConfig, Duration> SHRINK_HOLD = TABLE.defaulted(
            "shrinkHold",
            Quantities.durationOrZero(Duration.ofMillis(1), LONG),
            Duration.ofSeconds(30),
            control -> control.planes().shrinkHold(),
            "How long removals wait, for a second look at the plane, where it has lost more than half of its VTEPs or"
                    + " MAC addresses at once; 0 is not at all. `control resync NAME now` ends the wait.");
    private static final Key<ControlConfig, Duration> DRAIN_DELAY = TABLE.defaulted(
            "drainDelay",
            Quantities.durationOrZero(Duration.ofMillis(1), Duration.ofMinutes(1)),
            Duration.ofSeconds(1),
            control -> control.planes().drainDelay(),
            "How long the gateway forwards on after it has withdrawn what it announced, at its end.");
    private static final Key<ControlConfig, Optional<Path>> CACHE = TABLE.defaulted(
            "cache",
            Scalars.orWord("off", PlaneKeys.path()),
            Optional.of(Path.of("/var/lib/peregrine")),
            control -> control.planes().cache(),
            "Folder of the last picture of each plane, which a gateway that starts without its plane goes by; `off`"
                    + " keeps none.");

    /** The keys of {@code control.duplicate}. */
    public static final Table<DuplicateConfig> DUPLICATE =
            new Table<>("control.duplicate", ControlKeys::createDuplicate).takesRestart();

    private static final Key<DuplicateConfig, Integer> MOVES = DUPLICATE.defaulted(
            "moves",
            Scalars.integer(2, 1000),
            5,
            DuplicateConfig::moves,
            "Moves of a MAC address between VTEPs within `window` that make it a duplicate (RFC 7432 §15.1).");
    private static final Key<DuplicateConfig, Duration> WINDOW = DUPLICATE.defaulted(
            "window",
            Quantities.duration(Duration.ofSeconds(1), LONG),
            Duration.ofSeconds(180),
            DuplicateConfig::window,
            "The time within which moves count.");
    private static final Key<DuplicateConfig, DuplicateConfig.Action> ACTION = DUPLICATE.defaulted(
            "action",
            Scalars.choice(DuplicateConfig.Action.class),
            DuplicateConfig.Action.WARN,
            DuplicateConfig::action,
            "`warn` says so in the log; `freeze` leaves the address where it is, too, and does not announce it.");
    private static final Key<DuplicateConfig, Duration> RECOVER = DUPLICATE.defaulted(
            "recover",
            Quantities.durationOrZero(Duration.ofSeconds(1), LONG),
            Duration.ZERO,
            DuplicateConfig::recover,
            "After how long a frozen address is released; 0: by `control unfreeze` only.");

    private static final Key<ControlConfig, DuplicateConfig> DUPLICATES = TABLE.section(
            "duplicate", DUPLICATE, control -> control.planes().duplicate(), "One MAC address at two places.");
    private static final Key<ControlConfig, List<PlaneConfig>> PLANES = TABLE.defaulted(
            "planes",
            Lists.listOf(PlaneKeys.PLANE),
            List.of(),
            control -> control.planes().planes(),
            "Where the gateway learns of other VTEPs and their stations, and publishes its own; see below.");

    private ControlKeys() {}

    /** A path; {@code auto} is this user's, and is written as the path that it is. */
    private static ValueType<Path> socket() {
        return Scalars.converted(
                Scalars.orWord("auto", NetworkTypes.unixSocket()),
                path -> path.orElseGet(ControlConfig::defaultSocket),
                Optional::of);
    }

    private static ControlConfig create(Values values) {
        return new ControlConfig(values.get(SOCKET), values.get(HTTP), values.get(SERIES), createPlanes(values));
    }

    private static PlanesConfig createPlanes(Values values) {
        return new PlanesConfig(
                values.get(HOLD),
                values.get(WITHDRAW_DELAY),
                values.get(SHRINK_HOLD),
                values.get(DRAIN_DELAY),
                values.get(CACHE),
                values.get(DUPLICATES),
                values.get(PLANES));
    }

    private static DuplicateConfig createDuplicate(Values values) {
        return new DuplicateConfig(values.get(MOVES), values.get(WINDOW), values.get(ACTION), values.get(RECOVER));
    }

    private static MetricsConfig createMetrics(Values values) {
        return new MetricsConfig(values.get(PORTS), values.get(VTEPS));
    }
}
