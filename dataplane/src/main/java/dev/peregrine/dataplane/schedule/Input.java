package dev.peregrine.dataplane.schedule;

import dev.peregrine.dataplane.packet.Counter;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Source;

/**
 * A source of a {@link Worker} and the beginning of the graph behind it. The worker polls it only while it is marked
 * ready or says so itself. On the worker's thread, but for what any thread may ask.
 */
public final class Input {
    private final boolean inner;
    private final Counter settled = new Counter();
    private Source source;
    private Sink sink;
    private boolean ready;

    /** A source at the edge of the graph: an underlay or an endpoint. */
    Input(Source source, Sink sink) {
        this.source = source;
        this.sink = sink;
        inner = false;
    }

    /** A link or queue between two devices, which may have carried packets before. */
    Input(InnerQueue queue, Sink sink) {
        source = queue;
        this.sink = sink;
        inner = true;
        settled.add(queue.given());
    }

    /**
     * Sets another sink for the source's packets, and the source with or without something around it; between two
     * turns.
     */
    public void rewire(Source from, Sink next) {
        source = from;
        sink = next;
    }

    /** Marks the source as ready; it is polled in the next turns until it gives no packet. */
    public void markReady() {
        ready = true;
    }

    /** Notes that the source gave no packet. */
    void markEmpty() {
        ready = false;
    }

    Source source() {
        return source;
    }

    Sink sink() {
        return sink;
    }

    /** Whether it stands between two devices. */
    boolean isInner() {
        return inner;
    }

    /** Whether it is to be polled, by a worker whose outer sources may be paused. */
    boolean isDue(boolean paused) {
        return (ready || source.isReady()) && (inner || !paused);
    }

    /** Counts packets that have passed on, to an end or to the next link or queue; not those of outer sources. */
    void passedOn(int packets) {
        if (inner) {
            settled.add(packets);
        }
    }

    /** Packets that went into a link or queue; any thread may ask. */
    long given() {
        return source instanceof InnerQueue queue ? queue.given() : 0;
    }

    /** Packets of a link or queue that have passed on; any thread may ask. */
    long settled() {
        return settled.value();
    }
}
