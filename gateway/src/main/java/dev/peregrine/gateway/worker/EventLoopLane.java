package dev.peregrine.gateway.worker;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.Endpoint;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.schedule.Input;
import dev.peregrine.fastpath.view.FlowEntry;
import dev.peregrine.gateway.config.model.WorkersConfig;
import dev.peregrine.overlay.Lane;
import dev.peregrine.overlay.LaneSpec;
import dev.peregrine.vxlan.underlay.PolledUnderlay;
import dev.peregrine.vxlan.underlay.UnderlaySlot;
import dev.peregrine.vxlan.underlay.VtepCounters;
import dev.peregrine.vxlan.underlay.socket.NativeUnderlay;
import dev.peregrine.vxlan.underlay.socket.NettyUnderlay;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane whose worker an event loop runs, with underlay sockets and endpoints that come and go. Belongs to the control
 * thread.
 */
public final class EventLoopLane extends Lane<UnderlaySlot> {
    private static final Logger log = LoggerFactory.getLogger(EventLoopLane.class);

    /** Places of the flow cache that are listed at a time, while packets wait. */
    private static final int PORTION = 1024;

    private final boolean netty;
    private final EventLoopWorker loop;
    private @Nullable UnderlayPolling polling;
    private boolean receiving;

    /**
     * Frames are taken from these once the lane starts: while a thousand ports come, floods to all of them would hold
     * up each.
     */
    private final List<Attachment> waiting = new ArrayList<>();

    /**
     * The parts that all lanes have in common.
     *
     * @param netty whether Netty's channels are the underlay
     * @param vteps the indices of VTEPs stay below
     * @param cpus those that the workers are pinned to, one for each
     * @param workers how they wait for packets and what CPU time they ask for
     */
    public record Plan(LaneSpec spec, boolean netty, int vteps, List<Integer> cpus, WorkersConfig workers) {}

    /** The lane of a worker by its number. */
    public EventLoopLane(int id, Plan plan) {
        super(
                id,
                plan.spec(),
                scope -> new UnderlaySlot(
                        plan.netty() ? NettyUnderlay.MODE : NativeUnderlay.MODE, plan.vteps(), scope.drops()));
        netty = plan.netty();
        loop = new EventLoopWorker(
                worker(), plan.cpus().get(id), plan.workers(), plan.spec().faults());
        worker().raisedBy(loop::raise);
    }

    /** Stops or resumes receiving; the worker still processes packets that came in. */
    void pause(boolean on) throws IOException {
        call(() -> {
            worker().pause(on);
            return true;
        });
        loop.takeTurn();
    }

    /**
     * Begins to receive from ports, and from the underlay as soon as there are sockets. A port that nothing can be
     * received from keeps no other from it: see {@link Attachment#refusal}.
     */
    public void start() throws IOException {
        call(() -> {
            receiving = true;
            waiting.forEach(Attachment::poll);
            waiting.clear();
            if (polling != null) {
                polling.begin();
            }
            return true;
        });
    }

    /** Opens the underlay's sockets, of which there must be none. */
    public void openUnderlay(UnderlayPort port) throws IOException {
        VtepCounters counters = underlay().vtepCounters();
        PolledUnderlay sockets =
                netty ? port.openNetty(id(), pool(), drops(), counters) : port.open(id(), pool(), drops(), counters);
        call(() -> {
            UnderlayPolling opened = new UnderlayPolling(loop, sockets, underlayInput());
            sockets.register(opened); // ports may send before anything is received
            underlay().attach(sockets);
            polling = opened;
            if (receiving) {
                opened.begin();
            }
            return true;
        });
    }

    /** Tries again to receive, where receiving failed so often that it was given up. */
    public void receiveAgain() {
        loop.execute(() -> {
            if (polling != null) {
                polling.again();
            }
        });
    }

    /** Closes the underlay's sockets, if there are any; frames to remote VTEPs are dropped from now on. */
    public void closeUnderlay() {
        quietly(() -> {
            stopPolling();
            polling = null;
            underlay().close();
            return true;
        });
    }

    private void stopPolling() {
        if (polling != null) {
            polling.end();
        }
    }

    /**
     * Puts a port's endpoint in its slot. Frames are taken from it once the lane has started.
     *
     * @param maker makes the endpoint, on the worker's thread
     * @param polled whether this lane takes frames from it, or only delivers
     * @param news called, on the worker's thread, when the device behind the endpoint has gone, or no frames can be
     *     taken
     */
    public Attachment attach(Port port, Callable<Endpoint> maker, boolean polled, Runnable news) throws IOException {
        return call(() -> {
            Attachment attachment = new Attachment(slot(port), input(port), maker.call(), news);
            attachment.slot.attach(attachment.endpoint);
            if (polled && receiving) {
                attachment.poll();
            } else if (polled) {
                waiting.add(attachment);
            }
            return attachment;
        });
    }

    /** An endpoint in its slot on this lane. */
    public final class Attachment {
        private final EndpointSlot slot;
        private final Input input;
        private final Endpoint endpoint;
        private final Runnable news;
        private EventLoopWorker.@Nullable Watch watch;
        private volatile @Nullable IOException refusal;

        private Attachment(EndpointSlot slot, Input input, Endpoint endpoint, Runnable news) {
            this.slot = slot;
            this.input = input;
            this.endpoint = endpoint;
            this.news = news;
        }

        /** The endpoint that is attached. */
        public Endpoint endpoint() {
            return endpoint;
        }

        /** Why no frames can be taken from the endpoint; null when they are, or need not be. Any thread may ask. */
        public @Nullable IOException refusal() {
            return refusal;
        }

        private void poll() {
            try {
                watch = loop.watch(endpoint.fd(), input, this::afterTurn);
            } catch (IOException e) {
                refusal = e;
                news.run();
            }
        }

        /** A descriptor whose device has gone stays readable for ever: it must not be polled again. */
        private void afterTurn() {
            if (endpoint.isGone() && watch != null) {
                stopPolling();
                news.run();
            }
        }

        private void stopPolling() {
            waiting.remove(this);
            if (watch != null) {
                watch.close();
                watch = null;
            }
        }

        /** Lets the endpoint do its periodic work, if it has any; about once a second. */
        public void tick() {
            if (endpoint.wantsTicks()) {
                loop.execute(() -> endpoint.tick(System.nanoTime()));
            }
        }

        /** Takes the endpoint out of its slot and closes it. */
        public void detach() throws IOException {
            call(() -> {
                stopPolling();
                slot.attach(null);
                endpoint.close();
                return true;
            });
        }
    }

    /** Runs a task on the worker's thread and waits for it. */
    public <T> T call(Callable<T> task) throws IOException {
        try {
            return loop.call(task);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException("worker " + id(), e.getCause());
        } catch (Exception e) {
            throw new IllegalStateException("worker " + id() + " does not answer", e);
        }
    }

    /** Runs a task on the worker's thread, some time, between two turns. */
    public void execute(Runnable task) {
        loop.execute(task);
    }

    /** The event loop that runs the worker. */
    public EventLoopWorker loop() {
        return loop;
    }

    /** The flows of the cache, at most {@code limit}; in portions, between which packets pass. */
    public List<FlowEntry> flows(int limit) throws IOException {
        List<FlowEntry> entries = new ArrayList<>();
        for (int from = 0; from < fastPath().capacity() && entries.size() < limit; from += PORTION) {
            int portion = from;
            call(() -> {
                fastPath().list(portion, portion + PORTION, entries::add);
                return true;
            });
        }
        return entries.size() > limit ? entries.subList(0, limit) : entries;
    }

    /** Stops receiving datagrams; all received ones have settled when this returns. */
    public void stopReceiving() {
        quietly(() -> {
            receiving = false;
            stopPolling();
            return true;
        });
    }

    /** Reads the kernel's drops around the underlay sockets into {@link #drops}; once a second. */
    public void countLosses() {
        loop.execute(() -> {
            try {
                underlay().tick();
                underlay().countLosses();
            } catch (LinuxException e) {
                log.debug("worker {}: {}", id(), e.getMessage());
            }
        });
    }

    /** Ends receiving and sending, then the thread; endpoints must have been detached. */
    public void stop() {
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
        super.close();
    }

    private void quietly(Callable<Boolean> task) {
        try {
            call(task);
        } catch (IOException | IllegalStateException e) {
            log.warn("worker {}", id(), e);
        }
    }
}
