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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Adds local ports to a running gateway, and takes them away. Belongs to the control thread. */
final class PortChanges {
    private static final int CLOSING_THREADS = 32;

    private final Segments segments;
    private final Tables tables;
    private final LocalPorts ports;
    private final PortMaker maker;
    private final PolicyControl policies;
    private final Workers workers;
    private final PortWatch watch;
    private final DropTotals totals;
    private final Runnable awaitWorkers;
    private List<LocalPort> coming = List.of();

    /** A port that is to come, and where. */
    record Coming(int segment, int vni, PortConfig config) {}

    PortChanges(
            Segments segments,
            Tables tables,
            LocalPorts ports,
            PortMaker maker,
            PolicyControl policies,
            Workers workers,
            PortWatch watch,
            DropTotals totals,
            Runnable awaitWorkers) {
        this.segments = segments;
        this.tables = tables;
        this.ports = ports;
        this.maker = maker;
        this.policies = policies;
        this.workers = workers;
        this.watch = watch;
        this.totals = totals;
        this.awaitWorkers = awaitWorkers;
    }

    /** Adds ports to tables and graphs; nothing comes from them before {@link #bringUp}. */
    void add(List<Coming> additions) throws IOException {
        List<LocalPort> made = new ArrayList<>();
        for (Coming addition : additions) {
            PortConfig config = addition.config();
            int mtu = segments.get(addition.segment()).mtu();
            Port port = new Port(ports.takeNumber(), config.name(), addition.segment(), false, mtu);
            workers.expect(port);
            policies.addPort(addition.vni(), config, port.id());
            made.add(maker.make(port, config));
        }
        ports.add(made);
        List<Port> all = ports.devicePorts();
        tables.ports(all);
        try {
            workers.rebuild(all);
        } catch (IOException | RuntimeException e) {
            forget(made);
            restore(e);
            throw e;
        }
        coming = made;
    }

    /** Gives the lanes the graph without the ports that failed, so that nothing of theirs waits for others of their names. */
    private void restore(Exception failure) {
        try {
            workers.rebuild(ports.devicePorts());
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void forget(List<LocalPort> gone) {
        ports.remove(gone);
        tables.ports(ports.devicePorts());
        for (LocalPort port : gone) {
            policies.removePort(port.port().name());
            tables.forgetPort(port.port());
            ports.freeNumber(port.port().id());
        }
    }

    /** Opens the devices of the ports that were added last, as far as they can be. */
    void bringUp() {
        watch.look(coming);
        coming = List.of();
    }

    /**
     * Removes ports. First no frame is sent to them, then their devices go, and once all that came from them has settled, their
     * places in graphs and tables.
     */
    void remove(List<LocalPort> going) throws IOException {
        going.forEach(port -> tables.closePort(port.port()));
        awaitWorkers.run();
        close(going);
        going.forEach(port -> port.port().announceChange());
        awaitWorkers.run();
        tables.bridge().applyLearns(System.nanoTime());
        Set<Port> gone = new HashSet<>();
        going.forEach(port -> gone.add(port.port()));
        workers.rebuild(ports.devicePorts().stream()
                .filter(port -> !gone.contains(port))
                .toList());
        tables.bridge().applyLearns(System.nanoTime()); // of frames that were parked until now
        going.forEach(totals::keep);
        forget(going);
    }

    /** The kernel takes some ten milliseconds to remove a device, and mostly waits: several are removed at a time. */
    static void close(List<LocalPort> ports) {
        if (ports.size() == 1) {
            ports.getFirst().close();
            return;
        }
        try (ExecutorService closing =
                Executors.newFixedThreadPool(Math.min(CLOSING_THREADS, Math.max(1, ports.size())))) {
            ports.forEach(port -> closing.execute(port::close));
        }
    }
}
