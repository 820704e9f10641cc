package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.linux.netlink.InterfaceSetup;
import dev.peregrine.dataplane.linux.netlink.InterfaceState;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a device as it was set up: puts back what somebody took away in the workload's namespace, and leaves alone what
 * the workload added. A setting that is taken away again and again is put back ever more slowly, see {@link Backoff}.
 */
final class SetupKeeper {
    private static final Logger log = LoggerFactory.getLogger(SetupKeeper.class);

    private final String port;
    private InterfaceSetup setup;
    private final Backoff pause = new Backoff();
    private @Nullable String refusal;
    private @Nullable String repair;

    /** @param port its name, for the log */
    SetupKeeper(String port, InterfaceSetup setup) {
        this.port = port;
        this.setup = setup;
    }

    /** Keeps the device like this from now on. */
    void setup(InterfaceSetup wanted) {
        setup = wanted;
    }

    /** The settings that could not be put back, or else the last that were, with the time; null without any. */
    @Nullable
    String problem() {
        return refusal == null ? repair : refusal;
    }

    /** Puts back what is missing from the device as it was found. Called in the device's namespace. */
    void restore(InterfaceState found, long nowNanos) {
        List<InterfaceSetup.Change> missing = setup.missingFrom(found);
        if (missing.isEmpty()) {
            pause.reset();
            refusal = null;
            return;
        }
        if (!pause.isDue(nowNanos)) {
            return;
        }
        pause.failed(nowNanos);
        List<String> done = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        try (Netlink netlink = Netlink.open()) {
            for (InterfaceSetup.Change change : missing) {
                apply(change, netlink, found, done, refused);
            }
        } catch (LinuxException e) {
            refused.add(e.getMessage());
        }
        tell(found.link().name(), done, refused);
    }

    private static void apply(
            InterfaceSetup.Change change,
            Netlink netlink,
            InterfaceState found,
            List<String> done,
            List<String> refused) {
        try {
            change.apply(netlink, found.link());
            done.add(change.toString());
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) { // the workload has one like it, which stays
                refused.add(e.getMessage());
            }
        }
    }

    private void tell(String device, List<String> done, List<String> refused) {
        if (!done.isEmpty()) {
            String all = String.join(", ", done);
            String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            repair = "missing at %s and put back at %s: %s".formatted(device, now, all);
            log.info("port {}: {} {} missing, put back", port, all, done.size() == 1 ? "was" : "were");
        }
        String before = refusal;
        refusal = refused.isEmpty()
                ? null
                : "missing at %s and not put back: %s".formatted(device, String.join("; ", refused));
        if (refusal != null && !refusal.equals(before)) {
            log.warn("port {}: {}", port, refusal);
        }
    }
}
