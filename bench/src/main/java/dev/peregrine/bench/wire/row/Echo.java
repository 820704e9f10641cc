package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Pause;
import java.io.IOException;

/** Sends every datagram back, on a thread of its own. */
final class Echo implements AutoCloseable {
    private static final int LOOK_UP_MILLIS = 50;

    private final UdpEnd end;
    private final Thread thread;
    private volatile boolean stopped;

    /** Takes ownership of the end. */
    Echo(UdpEnd end) {
        this.end = end;
        thread = Thread.ofPlatform().name("echo").daemon().start(this::run);
    }

    private void run() {
        try (end) {
            while (!stopped) {
                long number = end.receive(LOOK_UP_MILLIS);
                if (number >= 0) {
                    end.send(number);
                }
            }
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        stopped = true;
        Pause.join(thread);
    }
}
