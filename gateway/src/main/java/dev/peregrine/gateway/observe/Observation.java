package dev.peregrine.gateway.observe;

import dev.peregrine.gateway.control.Streamed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One trace or capture, from the answer to its command to its end: by its count, by its time, when the client has gone,
 * or when the gateway ends. Its thread reads the rings while the client takes lines; otherwise the rings fill up and
 * the taps count what they miss.
 */
final class Observation implements Streamed {
    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long SIGN_OF_LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long a client may take nothing at the end. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final String kind;
    private final Lines.Limits limits;
    private final Reading reading;
    private final BooleanSupplier removal;
    private final AtomicBoolean isBegun = new AtomicBoolean();
    private volatile boolean stopping;
    private volatile boolean gone;
    private volatile boolean out;
    private long sent;
    private long signedNanos;

    /**
     * An observation whose taps are in the graphs.
     *
     * @param kind {@code trace} or {@code capture}
     * @param removal takes the taps out; waits for that, and answers whether they are
     */
    Observation(String kind, Lines.Limits limits, Reading reading, BooleanSupplier removal) {
        this.kind = kind;
        this.limits = limits;
        this.reading = reading;
        this.removal = removal;
    }

    /** {@code trace} or {@code capture}. */
    String kind() {
        return kind;
    }

    @Override
    public Object result() {
        return limits;
    }

    @Override
    public void begin(Client client) {
        if (isBegun.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("observer").start(() -> run(client));
        }
    }

    @Override
    public void abandon() {
        gone = true;
        stop();
    }

    @Override
    public void stop() {
        stopping = true;
        if (isBegun.compareAndSet(false, true)) { // nobody will begin it any more
            Thread.ofPlatform().daemon().name("observer").start(this::remove);
        }
    }

    /** The taps have been taken out already. */
    void isOut() {
        out = true;
    }

    private boolean takeOut() {
        return out || removal.getAsBoolean();
    }

    private void remove() {
        if (takeOut()) {
            reading.close();
        }
    }

    private void run(Client client) {
        String why = "stopped";
        try {
            why = read(client);
        } finally {
            boolean isRemoved = takeOut();
            readRest(client);
            long missed = reading.missed();
            if (isRemoved) {
                reading.close(); // a worker that is stuck may still write
            }
            if (!gone) {
                client.end(new Lines.End(why, sent, missed));
            }
        }
    }

    /**
     * Sends what the rings still have while the client takes it; the rest is not kept for a client that has stalled.
     */
    private void readRest(Client client) {
        long seenReadyNanos = System.nanoTime();
        while (!gone && sent < limits.count()) {
            if (client.isReady()) {
                long read = reading.read(client, limits.count() - sent, true);
                sent += read;
                if (read == 0) return;
                seenReadyNanos = System.nanoTime();
            } else if (System.nanoTime() - seenReadyNanos > PATIENCE_NANOS) {
                reading.discard();
                return;
            } else {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
    }

    /** Reads and sends until the end; returns why it ends. */
    private String read(Client client) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(limits.seconds());
        while (!stopping) {
            long read = client.isReady() ? reading.read(client, limits.count() - sent, false) : 0;
            sent += read;
            if (sent >= limits.count()) {
                return "count";
            }
            long now = System.nanoTime();
            if (now - endNanos >= 0) {
                return "time";
            }
            if (now - signedNanos >= SIGN_OF_LIFE_NANOS && client.isReady()) {
                signedNanos = now;
                client.send(new Lines.Missed(reading.missed()));
            }
            if (read == 0) {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
        return "stopped";
    }
}
