package dev.peregrine.gateway.runtime;

import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.Room;
import dev.peregrine.gateway.config.change.Action;
import dev.peregrine.gateway.config.change.Difference;
import dev.peregrine.gateway.config.change.Outcome;
import dev.peregrine.gateway.config.model.FastpathConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.config.schema.ConfigError;
import dev.peregrine.gateway.control.ChangeUnconfirmed;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.underlay.SegmentMtus;
import dev.peregrine.gateway.underlay.UnderlayMtu;
import dev.peregrine.vxlan.VtepTable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration of a running gateway, and the way in which it follows another one: all of it or, if that is wrong
 * in anything, none of it. Belongs to the control thread.
 */
public final class Reload {
    private static final Logger log = LoggerFactory.getLogger(Reload.class);

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Changes changes;
    private final Workers workers;
    private final PolicyControl policies;
    private final Segments segments;
    private final LocalPorts ports;
    private final VtepTable vteps;
    private final SegmentMtus mtus;
    private final Budget budget;
    private final Room room;
    private final Optional<Path> path;
    private volatile GatewayConfig config;
    private long triedNanos = System.nanoTime();

    /**
     * A gateway that has nothing yet of what a reload can change.
     *
     * @param budget that the gateway was made with
     * @param room that there was
     * @param path of the file that it was started with
     */
    Reload(
            GatewayConfig config,
            Changes changes,
            Workers workers,
            PolicyControl policies,
            Segments segments,
            LocalPorts ports,
            VtepTable vteps,
            SegmentMtus mtus,
            Budget budget,
            Room room,
            Optional<Path> path) {
        this.config = config;
        this.changes = changes;
        this.workers = workers;
        this.policies = policies;
        this.segments = segments;
        this.ports = ports;
        this.vteps = vteps;
        this.mtus = mtus;
        this.budget = budget;
        this.room = room;
        this.path = path;
    }

    /** The configuration that was followed last. Any thread may ask. */
    GatewayConfig config() {
        return config;
    }

    /** The same with what commands have changed since: policies, the schedule, whether flows are cached. */
    public GatewayConfig running() {
        GatewayConfig last = config;
        FastpathConfig cache = last.fastpath();
        FastpathConfig caching = cache.with(
                workers.fastPaths().settings().isOn(),
                workers.fastPaths().settings().shadow());
        return last.withSchedule(workers.scheduling().running())
                .withFastpath(caching)
                .withVnis(last.vnis().stream().map(this::withPolicies).toList());
    }

    private VniConfig withPolicies(VniConfig vni) {
        List<PortConfig> itsPorts = vni.ports().stream()
                .map(port -> port.withPolicy(policies.now(vni.vni(), port.name(), port.policy())))
                .toList();
        return vni.withPolicy(policies.now(vni.vni(), null, vni.policy())).withPorts(itsPorts);
    }

    /** The path of the file that the gateway was started with. */
    public Optional<Path> path() {
        return path;
    }

    /** The file that the gateway was started with, as it is now. */
    public ConfigFile file() throws BadConfig, IOException {
        if (path.isEmpty()) {
            throw new IOException("the gateway was started without a file");
        }
        return ConfigFile.load(path.get());
    }

    /** Reads the file again and follows it. Why that cannot be is in the log, too. */
    public Outcome followFile() throws BadConfig, IOException {
        try {
            ConfigFile file = file();
            Outcome outcome = follow(file);
            log.info(
                    "{} is followed, changes: {}", path.get(), outcome.changes().size());
            return outcome;
        } catch (BadConfig bad) {
            log.error("the file is not followed, nothing has changed:\n{}", bad.getMessage());
            throw bad;
        } catch (IOException e) {
            log.error("the file is not followed, nothing has changed: {}", e.getMessage());
            throw e;
        } catch (ChangeUnconfirmed e) {
            log.error("the file is followed in part: {}", e.getMessage());
            throw e;
        }
    }

    /** Follows the file, unless the gateway drains; the log says what became of it. */
    void hangUp(boolean isDraining) {
        if (isDraining) {
            log.warn("SIGHUP: the configuration is not read while the gateway drains");
            return;
        }
        try {
            log.info("SIGHUP: reading the configuration again");
            followFile();
        } catch (BadConfig | IOException | ChangeUnconfirmed e) {
            log.debug("told", e); // followFile has said why
        }
    }

    /** The changes that following a configuration would make. */
    public Outcome ask(ConfigFile file) throws BadConfig, IOException {
        return Outcome.of(false, check(file).actions(), file.warnings());
    }

    /**
     * Follows a configuration.
     *
     * @throws BadConfig when the gateway cannot follow it: nothing has changed
     * @throws IOException when the system cannot be asked: nothing has changed
     * @throws ChangeUnconfirmed when a worker does not answer: it says how much has changed, and following the same
     *     configuration again makes the rest
     */
    public Outcome follow(ConfigFile file) throws BadConfig, IOException {
        Plan plan = check(file);
        try {
            changes.apply(running(), plan.actions(), plan.mtus(), made -> config = made);
        } catch (IOException | ChangeUnconfirmed e) {
            throw unconfirmed(file.config(), plan.actions(), e);
        } finally {
            mtus.changed();
        }
        Outcome outcome = Outcome.of(true, plan.actions(), file.warnings());
        outcome.changes().forEach(line -> log.info("{}", line));
        outcome.restart().forEach(line -> log.warn("{}: takes a restart", line));
        return outcome;
    }

    private ChangeUnconfirmed unconfirmed(GatewayConfig wanted, List<Action> planned, Exception why) {
        long missing = changes(Difference.between(running(), wanted));
        String made = missing == 0
                ? "the change is made"
                : (changes(planned) - missing) + " of " + changes(planned)
                        + " changes are made, and reload, or the same command again, makes the rest";
        String reason =
                why instanceof ChangeUnconfirmed unconfirmed ? unconfirmed.reason() : String.valueOf(why.getMessage());
        return new ChangeUnconfirmed(made, reason, why);
    }

    private static long changes(List<Action> actions) {
        return actions.stream()
                .filter(action -> !(action instanceof Action.NeedRestart))
                .count();
    }

    /** Now and then tries what earlier changes have left, because a worker did not answer. */
    void tick(long nowNanos) {
        if (!changes.isUnfinished() || nowNanos - triedNanos < RETRY_NANOS) return;
        triedNanos = nowNanos;
        try {
            changes.finish();
            log.info("an earlier change is finished now");
        } catch (IOException | ChangeUnconfirmed e) {
            log.warn("an earlier change is not finished yet: {}", e.getMessage());
        }
    }

    /** The actions, and the MTU of every VNI after them. */
    private record Plan(List<Action> actions, Map<Integer, Integer> mtus) {}

    /** Everything that can be wrong is found here. */
    private Plan check(ConfigFile file) throws BadConfig, IOException {
        file.check(room);
        Map<Integer, Integer> itsMtus = Segments.mtus(file, UnderlayMtu.measure(file.config()));
        List<Action> actions = Difference.between(running(), file.config());
        checkPlaces(file, actions);
        return new Plan(actions, itsMtus);
    }

    private void checkPlaces(ConfigFile file, List<Action> actions) throws BadConfig {
        List<ConfigError> errors = new ArrayList<>();
        int buffers = new Budget(file.config(), workers.count()).neededBuffers();
        limit(
                        file,
                        most(
                                actions,
                                Action.AddPort.class,
                                Action.RemovePort.class,
                                ports.list().size()),
                        ports.bound(),
                        "ports")
                .ifPresent(errors::add);
        limit(
                        file,
                        most(actions, Action.AddVni.class, Action.RemoveVni.class, segments.size()),
                        segments.bound(),
                        "VNIs")
                .ifPresent(errors::add);
        Set<InetAddress> remotes = new HashSet<>(config.configuredVteps());
        remotes.addAll(file.config().configuredVteps());
        limit(file, remotes.size(), vteps.capacity(), "remote VTEPs, those that go included")
                .ifPresent(errors::add);
        limit(file, buffers, budget.buffers(), "buffers for each worker, as its ports and floods need")
                .ifPresent(errors::add);
        if (!errors.isEmpty()) {
            throw new BadConfig(errors);
        }
    }

    private static Optional<ConfigError> limit(ConfigFile file, int found, int places, String what) {
        return found <= places
                ? Optional.empty()
                : Optional.of(file.error(
                        file.config(),
                        "vnis",
                        found + " " + what,
                        "at most " + places + ", for which this gateway has places: restart it for more"));
    }

    /** The most things that there are at a time while actions are made. */
    private static int most(List<Action> actions, Class<?> adds, Class<?> removes, int before) {
        int now = before;
        int most = before;
        for (Action action : actions) {
            now += adds.isInstance(action) ? 1 : removes.isInstance(action) ? -1 : 0;
            most = Math.max(most, now);
        }
        return most;
    }
}
