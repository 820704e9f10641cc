package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.linux.LinuxException;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Crew;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.stage.FaultListener;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.WorkersConfig;
import dev.peregrine.vxlan.underlay.NativeUnderlay;
import dev.peregrine.vxlan.underlay.NettyUnderlay;
import dev.peregrine.vxlan.underlay.SocketUnderlay;
import dev.peregrine.vxlan.underlay.UnderlayPort;
import dev.peregrine.vxlan.underlay.UnderlaySlot;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker and its own parts: pool, counters, underlay sockets, graph, and an endpoint slot for every port. The
 * control thread makes and closes it; in between, its parts belong to the worker's thread.
 */
final class Lane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    private final PacketPool pool;
    private final DropCounters drops = new DropCounters();
    private final Counters received = new Counters();
    private final Worker worker;
    private final UnderlaySlot underlay;
    private final boolean netty;
    private final EndpointSlot[] slots;
    private final Worker.@Nullable Input[] inputs;
    private final Map<String, Sink> terminals = new HashMap<>();
    private final FastPath fastPath;
    private final EventLoopWorker loop;
    private @Nullable Assembler assembler;
    private Worker.@Nullable Input underlayInput;
    private volatile Assembler.@Nullable Graph graph;
    private @Nullable UnderlayPolling polling;
    private boolean receiving;

    /** The parts that all lanes have in common; {@code cpus} are those that they are pinned to, one for each. */
    record Plan(
            boolean netty,
            Budget budget,
            int vteps,
            List<Integer> cpus,
            WorkersConfig workers,
            Topology topology,
            List<Port> ports,
            Policy policy,
            FaultListener faults,
            FastPaths fastPaths) {}

    Lane(int id, Plan plan) {
        worker = new Worker(id, System::nanoTime);
        fastPath = plan.fastPaths().of(id);
        worker.beforeBatch(() -> {
            fastPath.takeEpoch(); // before anything that decisions depend on
            plan.policy().refresh(id);
        });
        pool = new PacketPool(
                id, plan.cpus().size(), plan.budget().buffers(), plan.budget().views());
        netty = plan.netty();
        underlay = new UnderlaySlot(netty ? NettyUnderlay.MODE : NativeUnderlay.MODE, plan.vteps(), drops);
        int ports = plan.ports().size();
        slots = new EndpointSlot[ports];
        inputs = new Worker.Input[ports];
        terminals.put(Wiring.UNDERLAY, underlay);
        for (Port port : plan.ports()) {
            slots[port.id()] = new EndpointSlot(drops);
            terminals.put(Wiring.endpoint(port), slots[port.id()]);
        }
        loop = new EventLoopWorker(worker, plan.cpus().get(id), plan.workers(), plan.faults());
        worker.raisedBy(loop::raise);
    }

    /**
     * Joins the graph by the crew's schedule: first before the lane starts, later on the worker's thread while it is
     * paused and drained.
     */
    void assemble(Crew crew, Plan plan) {
        if (assembler == null) {
            assembler = new Assembler(crew, new Topology.WorkerScope(id(), pool, drops), terminals, plan.faults());
        }
        fastPath.settle();
        Topology topology = plan.topology();
        Assembler.Graph made = assembler.assemble(topology);
        fastPath.join(made, port -> Wiring.lastStage(plan.ports(), port));
        for (Port port : plan.ports()) {
            Sink in = made.entrance(Wiring.entrance(topology, port));
            inputs[port.id()] = lead(inputs[port.id()], slots[port.id()], in);
        }
        underlayInput = lead(underlayInput, underlay, made.entrance(Wiring.COALESCE));
        graph = made;
    }

    private Worker.Input lead(Worker.@Nullable Input input, Source source, Sink entrance) {
        if (input == null) {
            return worker.add(source, entrance);
        }
        input.lead(entrance);
        return input;
    }

    /** Stops or resumes receiving; the worker still processes packets that came in. */
    void pause(boolean on) throws IOException {
        call(() -> {
            worker.pause(on);
            return true;
        });
        loop.takeTurn();
    }

    /** Begins to receive as soon as there are sockets. */
    void start() throws IOException {
        call(() -> {
            receiving = true;
            receive();
            return true;
        });
    }

    /** Opens the underlay's sockets, of which there must be none. */
    void openUnderlay(UnderlayPort port) throws IOException {
        VtepCounters counters = underlay.vtepCounters();
        SocketUnderlay sockets =
                netty ? port.openNetty(id(), pool, drops, counters) : port.open(id(), pool, drops, counters);
        call(() -> {
            if (sockets instanceof NettyUnderlay own) {
                loop.startSending(own); // ports may send before the underlay receives
            }
            underlay.attach(sockets);
            receive();
            return true;
        });
    }

    private void receive() throws Exception {
        Worker.Input input = Objects.requireNonNull(underlayInput, "not assembled");
        SocketUnderlay sockets = underlay.sockets();
        if (receiving && sockets != null) {
            polling = new UnderlayPolling(loop, sockets, input);
            polling.begin();
        }
    }

    /** Tries again to receive, after the worker gave up because of repeated failures. */
    void receiveAgain() {
        loop.execute(() -> {
            if (polling != null) {
                polling.again();
            }
        });
    }

    /** Closes the underlay's sockets, if there are any; frames to remote VTEPs are dropped from now on. */
    void closeUnderlay() {
        quietly(() -> {
            stopPolling();
            underlay.close();
            return true;
        });
    }

    private void stopPolling() {
        if (polling != null) {
            polling.end();
            polling = null;
        }
    }

    /**
     * Puts a port's endpoint in its slot.
     *
     * @param maker makes the endpoint, on the worker's thread
     * @param polled whether this lane takes frames from it, or only delivers
     * @param gone called, on the worker's thread, when the device behind the endpoint has gone
     */
    Attachment attach(Port port, Callable<Endpoint> maker, boolean polled, Runnable gone) throws IOException {
        return call(() -> {
            Attachment attachment = new Attachment(port, maker.call(), gone);
            slots[port.id()].attach(attachment.endpoint);
            if (polled) {
                attachment.poll();
            }
            return attachment;
        });
    }

    /** An endpoint in its slot on this lane. */
    final class Attachment {
        private final Port port;
        private final Endpoint endpoint;
        private final Runnable gone;
        private EventLoopWorker.@Nullable Watch watch;

        private Attachment(Port port, Endpoint endpoint, Runnable gone) {
            this.port = port;
            this.endpoint = endpoint;
            this.gone = gone;
        }

        Endpoint endpoint() {
            return endpoint;
        }

        private void poll() throws Exception {
            watch = loop.watch(endpoint.fd(), Objects.requireNonNull(inputs[port.id()]), this::afterTurn);
        }

        /** A descriptor whose device has gone stays readable for ever: it must not be polled again. */
        private void afterTurn() {
            if (endpoint.isGone() && watch != null) {
                stopPolling();
                gone.run();
            }
        }

        private void stopPolling() {
            if (watch != null) {
                watch.close();
                watch = null;
            }
        }

        /** Lets the endpoint do its periodic work, if it has any; about once a second. */
        void tick() {
            if (endpoint.wantsTicks()) {
                loop.execute(() -> endpoint.tick(System.nanoTime()));
            }
        }

        /** Takes the endpoint out of its slot and closes it. */
        void detach() throws IOException {
            call(() -> {
                stopPolling();
                slots[port.id()].attach(null);
                endpoint.close();
                return true;
            });
        }
    }

    /** Runs a task on the worker's thread and waits for it. */
    <T> T call(Callable<T> task) throws IOException {
        try {
            return loop.call(task);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("worker " + worker.id(), e.getCause());
        } catch (Exception e) {
            throw new IllegalStateException("worker " + worker.id() + " does not answer", e);
        }
    }

    int id() {
        return worker.id();
    }

    Worker worker() {
        return worker;
    }

    EventLoopWorker loop() {
        return loop;
    }

    SocketUnderlay underlay() {
        return underlay;
    }

    PacketPool pool() {
        return pool;
    }

    DropCounters drops() {
        return drops;
    }

    /** VXLAN datagrams that came in, counted in wire packets. */
    Counters received() {
        return received;
    }

    Assembler.Graph graph() {
        return Objects.requireNonNull(graph, "not assembled");
    }

    /** The flow cache; any thread may read its counts. */
    FastPath fastPath() {
        return fastPath;
    }

    /** Stops receiving datagrams; all received ones have settled when this returns. */
    void stopReceiving() {
        quietly(() -> {
            receiving = false;
            stopPolling();
            return true;
        });
    }

    /** Reads the kernel's drops around the underlay sockets into {@link #drops}; once a second. */
    void countLosses() {
        loop.execute(() -> {
            try {
                underlay.tick();
                underlay.countLosses();
            } catch (LinuxException e) {
                log.debug("worker {}: {}", id(), e.getMessage());
            }
        });
    }

    /** Ends receiving and sending, then the thread; endpoints must have been detached. */
    void stop() {
        stopReceiving();
        closeUnderlay();
        loop.close();
    }

    /**
     * Frees the memory, after all lanes have stopped: others may have held packets. A thread that does not end may
     * still use it; then it stays, and the end of the process frees it.
     */
    @Override
    public void close() {
        if (!loop.hasEnded()) {
            log.error("worker {} does not end: its memory is not freed; jstack shows where it is", id());
            return;
        }
        fastPath.close();
        pool.close();
    }

    private void quietly(Callable<Boolean> task) {
        try {
            call(task);
        } catch (IOException | IllegalStateException e) {
            log.warn("worker {}", id(), e);
        }
    }
}
