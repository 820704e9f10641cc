package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import java.io.IOException;
import java.util.List;

/** The workers, as changes ask them. Belongs to the control thread. */
interface Graphs {
    /** Number of workers. */
    int count();

    /** Notes a port that is to come: its changes end what flow caches remember of its segment. */
    void expect(Port port);

    /**
     * Gives all workers the graph of these ports, which are in the order of their numbers.
     *
     * @throws IOException when a worker does not answer: some may have it and others the one before; the next call
     *     gives it to all again
     */
    void rebuild(List<Port> ports) throws IOException;

    /** Whether a stage that the settings of VNIs want is not in all graphs yet. */
    boolean isIncomplete();

    /** Follows another schedule; fails as {@link #rebuild} does. */
    void schedule(ScheduleConfig config) throws IOException;

    /** Turns the flow caches on or off, and says how many hits of theirs are compared. */
    void caching(boolean enabled, int shadow);

    /**
     * Returns when every worker decides by what was published, and all packets have settled that were decided on by
     * what was before.
     *
     * @throws dev.peregrine.gateway.control.ChangeUnconfirmed when a worker is stuck
     */
    void awaitGrace();
}
