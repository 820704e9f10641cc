package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.drops.DropTotals;
import dev.peregrine.gateway.policy.PolicyControl;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.PortMaker;
import dev.peregrine.gateway.port.PortWatch;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds local ports to a running gateway, and takes them away. Belongs to the control thread.
 *
 * <p>A port leaves the configuration at once. Its device, its place in graphs and its number are left then, and go when
 * workers have confirmed that they know it no longer: {@link #finish} sees to that, and can be called again when it
 * fails.
 */
final class PortChanges {
    private static final Logger log = LoggerFactory.getLogger(PortChanges.class);
    private static final int CLOSING_THREADS = 32;

    private final Segments segments;
    private final Tables tables;
    private final LocalPorts ports;
    private final PortMaker maker;
    private final PolicyControl policies;
    private final Graphs graphs;
    private final PortWatch watch;
    private final DropTotals totals;
    private final Runnable progress;
    private final List<Going> going = new ArrayList<>();
    private List<LocalPort> coming = List.of();

    /** A port that is to come, and where. */
    record Coming(int segment, int vni, PortConfig config) {}

    /** A port that has left the configuration, and its policy; null if it had come to none. */
    private record Going(LocalPort port, PolicyControl.@Nullable Scope scope) {}

    /** @param progress is run when a change of many ports has come further, on any thread */
    PortChanges(
            Segments segments,
            Tables tables,
            LocalPorts ports,
            PortMaker maker,
            PolicyControl policies,
            Graphs graphs,
            PortWatch watch,
            DropTotals totals,
            Runnable progress) {
        this.segments = segments;
        this.tables = tables;
        this.ports = ports;
        this.maker = maker;
        this.policies = policies;
        this.graphs = graphs;
        this.watch = watch;
        this.totals = totals;
        this.progress = progress;
    }

    /**
     * Adds ports to tables and graphs, all of them or, if that fails, none; nothing comes from them before
     * {@link #finish}, nor do others have the numbers of those that failed.
     */
    void add(List<Coming> additions) throws IOException {
        List<LocalPort> made = new ArrayList<>();
        try {
            for (Coming addition : additions) {
                LocalPort port = make(addition);
                made.add(port);
                ports.add(port);
                policies.addPort(addition.vni(), addition.config(), port.port().id());
                progress.run();
            }
            List<Port> all = ports.devicePorts();
            tables.ports(all);
            graphs.rebuild(all);
        } catch (IOException | RuntimeException failure) {
            remove(made);
            throw failure;
        }
        coming = made;
    }

    private LocalPort make(Coming addition) {
        int number = ports.takeNumber();
        try {
            PortConfig config = addition.config();
            int mtu = segments.get(addition.segment()).mtu();
            Port port = new Port(number, config.name(), addition.segment(), false, mtu);
            graphs.expect(port);
            return maker.make(port, config);
        } catch (RuntimeException failure) {
            ports.freeNumber(number);
            throw failure;
        }
    }

    /** Removes ports from the configuration; no frame is sent to them any more. */
    void remove(List<LocalPort> leaving) {
        ports.leave(leaving);
        for (LocalPort port : leaving) {
            port.retire();
            going.add(new Going(port, policies.withdrawPort(port.port().name())));
        }
    }

    /**
     * Opens the devices of the ports that were added last, as far as they can be. Takes away what is left of removed
     * ports: first their devices and, once all that came from them has settled, their places in graphs and tables.
     *
     * @throws IOException when a worker does not answer, as when it does not confirm: what is left then is for the next
     *     call
     */
    void finish() throws IOException {
        List<LocalPort> added = coming;
        coming = List.of();
        watch.look(added);
        if (going.isEmpty()) return;
        List<LocalPort> leaving = going.stream().map(Going::port).toList();
        graphs.awaitGrace();
        close(leaving, progress);
        leaving.forEach(port -> port.port().announceChange());
        graphs.awaitGrace();
        tables.bridge().applyLearns(System.nanoTime());
        List<Port> staying = ports.devicePorts();
        graphs.rebuild(staying);
        tables.ports(staying);
        for (Going gone : List.copyOf(going)) {
            forget(gone);
            going.remove(gone);
            progress.run();
        }
    }

    private void forget(Going gone) {
        LocalPort port = gone.port();
        if (gone.scope() != null) {
            policies.forget(gone.scope());
        }
        totals.keep(port);
        tables.forgetPort(port.port());
        ports.remove(port);
    }

    /** Whether something is left to do. */
    boolean isUnfinished() {
        return !going.isEmpty();
    }

    /**
     * Closes ports. The kernel takes some ten milliseconds to remove a device, and mostly waits: several are removed at
     * a time.
     *
     * @param progress is run for each, on any thread
     */
    static void close(List<LocalPort> ports, Runnable progress) {
        if (ports.size() == 1) {
            close(ports.getFirst(), progress);
            return;
        }
        try (ExecutorService closing =
                Executors.newFixedThreadPool(Math.min(CLOSING_THREADS, Math.max(1, ports.size())))) {
            ports.forEach(port -> closing.execute(() -> close(port, progress)));
        }
    }

    /** One that fails must not keep the others, nor later changes, which would try it again first. */
    private static void close(LocalPort port, Runnable progress) {
        try {
            port.close();
        } catch (RuntimeException failure) {
            log.error("{}: something of it may be left", port.label(), failure);
        }
        progress.run();
    }
}
