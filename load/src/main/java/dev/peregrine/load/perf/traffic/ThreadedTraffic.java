package dev.peregrine.load.perf.traffic;

import java.io.IOException;

/** {@link Traffic} with its threads, and what it has counted so far. */
abstract class ThreadedTraffic implements Traffic {
    final Streams streams;
    final StreamThreads threads = new StreamThreads();

    /** {@code count} is the number of streams. */
    ThreadedTraffic(int count) {
        streams = new Streams(count);
    }

    /** Nothing, for traffic that ends by its own clock or with its connections. */
    @Override
    public void drain() {}

    @Override
    public void await() throws IOException {
        threads.await();
    }

    @Override
    public final Streams streams() {
        return streams;
    }
}
