package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.worker.FaultLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Looks after the local ports: whether their namespaces and devices are there and as configured. Each namespace is
 * asked once, however many ports are in it. Belongs to the control thread.
 */
public final class PortWatch {
    /**
     * Ports that are looked at in a tick, about, of those that need no look: one reads all there is in their
     * namespaces.
     */
    private static final int STEADY_A_TICK = 128;

    private final List<LocalPort> ports;
    private final FaultLog faults;
    private final Executor control;
    private final Runnable progress;
    private int ticks;

    /**
     * The ports may still come when this is made.
     *
     * @param control runs tasks on the control thread
     * @param progress is run when a look has brought a port up, or found it down: it may take long where its device is
     *     made
     */
    public PortWatch(List<LocalPort> ports, FaultLog faults, Executor control, Runnable progress) {
        this.ports = ports;
        this.faults = faults;
        this.control = control;
        this.progress = progress;
    }

    /** There is news of a port's device: looks at it soon, unless it is removed meanwhile. Any thread may call. */
    public void heardOf(LocalPort port) {
        control.execute(faults.contain(port.label(), () -> {
            if (ports.contains(port)) {
                look(port);
            }
        }));
    }

    /**
     * Looks at all ports if there are few; if there are many, at those that have to be looked at and some of the
     * others, which take turns by their namespaces. Called once a second.
     */
    public void tick() {
        ticks++;
        int turns = 1 + (ports.size() - 1) / STEADY_A_TICK;
        if (turns <= 1) {
            look();
            return;
        }
        int turn = ticks % turns;
        look(ports.stream()
                .filter(port -> !port.isSteady() || turn(port, turns) == turn)
                .toList());
    }

    private static int turn(LocalPort port, int turns) {
        return Math.floorMod(port.namespace().hashCode(), turns);
    }

    /** Looks at all ports, when somebody wants to know how they are. */
    public void look() {
        look(ports);
    }

    /** Looks at one port at once: there is news of its device. */
    public void look(LocalPort port) {
        look(List.of(port));
    }

    /** Looks at some ports. A port that fails keeps no other from being looked after. */
    public void look(List<LocalPort> ports) {
        long nowNanos = System.nanoTime();
        Map<NetNamespace, List<LocalPort>> homes = new LinkedHashMap<>();
        for (LocalPort port : ports) {
            port.namespace()
                    .ifPresent(home -> homes.computeIfAbsent(home, any -> new ArrayList<>())
                            .add(port));
        }
        Round round = new Round(homes, nowNanos, faults);
        NetNamespace.forEach(homes.keySet(), round);
        for (LocalPort port : ports) {
            Surroundings around = port.namespace().map(round.found::get).orElse(Surroundings.MISSING);
            LocalPort.State before = port.state();
            faults.run(port.label(), () -> port.look(around, nowNanos));
            if (port.state() != before) {
                progress.run();
            }
        }
    }

    /** One visit to all namespaces that ports are in. Its methods run while the control thread waits. */
    private static final class Round implements NetNamespace.Visitor {
        private final Map<NetNamespace, List<LocalPort>> homes;
        private final long nowNanos;
        private final FaultLog faults;
        private final Map<NetNamespace, Surroundings> found = new HashMap<>();

        Round(Map<NetNamespace, List<LocalPort>> homes, long nowNanos, FaultLog faults) {
            this.homes = homes;
            this.nowNanos = nowNanos;
            this.faults = faults;
        }

        @Override
        public void visit(NetNamespace namespace) throws LinuxException {
            List<LocalPort> here = homes.getOrDefault(namespace, List.of());
            Surroundings surroundings = Surroundings.read(here.stream().anyMatch(LocalPort::hasRoutes));
            for (LocalPort port : here) {
                faults.run(port.label(), () -> port.restore(surroundings, nowNanos));
            }
            found.put(namespace, surroundings);
        }

        @Override
        public void missing(NetNamespace namespace) {
            found.put(namespace, Surroundings.MISSING);
        }

        @Override
        public void failed(NetNamespace namespace, LinuxException why) {
            found.put(namespace, Surroundings.unreadable(why));
        }
    }
}
