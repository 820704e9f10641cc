package dev.peregrine.controlplane;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a plane that has a thread of its own: what the gateway wants of it, mail for its thread, and the state
 * that it reports.
 *
 * @param <M> what its connections send to its thread
 */
public final class PlaneLife<M> {
    private static final Logger log = LoggerFactory.getLogger(PlaneLife.class);

    /** How long a thread that was interrupted may take to end. */
    private static final Duration CLOSE = Duration.ofSeconds(2);

    private final String name;
    private final M wake;
    private final BlockingQueue<M> mailbox = new LinkedBlockingQueue<>();
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final AtomicReference<@Nullable LocalState> wanted = new AtomicReference<>();
    private final AtomicBoolean resync = new AtomicBoolean();
    private volatile boolean isClosed;
    private @Nullable Thread thread; // of whoever starts and closes

    // The plane's thread alone.
    private @Nullable Feed feed;
    private @Nullable LocalState taken;
    private boolean hasLived;
    private @Nullable PlaneState state;
    private String why = "";

    /** The work of a plane's thread. */
    @FunctionalInterface
    public interface Work {
        /** Does it until {@link #isClosed}. */
        void run() throws InterruptedException;
    }

    /**
     * A plane that has not begun.
     *
     * @param wake the mail that says nothing but that something is to be looked at
     */
    public PlaneLife(String name, M wake) {
        this.name = name;
        this.wake = wake;
    }

    // ---- of the gateway ---------------------------------------------------------------------------------------

    /** Starts the thread, which begins as {@link PlaneState#CONNECTING}. */
    public void start(Feed to, Work work) {
        thread = Thread.ofPlatform().daemon().name("control-" + name).start(() -> {
            feed = to;
            try {
                report(PlaneState.CONNECTING, "");
                work.run();
            } catch (InterruptedException e) {
                if (!isClosed) log.error("plane {} was interrupted", name, e);
            }
        });
    }

    /** As {@link ControlPlane#announce}. */
    public void announce(LocalState next) {
        wanted.set(next);
        wake();
    }

    /** As {@link ControlPlane#resync}. */
    public void resync() {
        resync.set(true);
        wake();
    }

    /** Has the thread end by itself, and ends it when it has not within a time. Without a thread nothing happens. */
    public void close(Duration patience) {
        isClosed = true;
        wake();
        Thread its = thread;
        if (its == null) return;
        try {
            if (its.join(patience)) return;
            its.interrupt();
            its.join(CLOSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        if (!isWoken.getAndSet(true)) mailbox.add(wake);
    }

    // ---- of any thread ----------------------------------------------------------------------------------------

    /** Has the plane's thread take mail. */
    public void post(M mail) {
        mailbox.add(mail);
    }

    /** A thread beside the plane's, for its connections. */
    public Thread connectionThread(Runnable work) {
        return Thread.ofPlatform().daemon().name("control-" + name + "-io").unstarted(work);
    }

    // ---- of the plane's thread --------------------------------------------------------------------------------

    /** Whether the plane is closed. */
    public boolean isClosed() {
        return isClosed;
    }

    /** The feed that the plane was started with. */
    public Feed feed() {
        return Objects.requireNonNull(feed, "started");
    }

    /** The state to be announced, if there was one since the last call. */
    public @Nullable LocalState takeWanted() {
        LocalState next = wanted.getAndSet(null);
        taken = next == null ? taken : next;
        return next;
    }

    /** The next connection is to announce what the one before has taken, unless there is something newer. */
    public void wantAgain() {
        wanted.compareAndSet(null, taken);
    }

    /** Whether the whole picture was asked for since the last call. */
    public boolean takeResync() {
        return resync.getAndSet(false);
    }

    /** Waits for mail, at most for a time in nanoseconds; null if none came. */
    public @Nullable M await(long nanos) throws InterruptedException {
        M mail = mailbox.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        if (wake.equals(mail)) isWoken.set(false);
        return mail;
    }

    /** Waits until a time in nanoseconds is over, or until somebody wants the picture or the end. */
    public void pause(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !resync.get() && !isClosed; left = until - System.nanoTime()) await(left);
    }

    /** The picture is told and followed. */
    public void lived(String problem) {
        hasLived = true;
        report(PlaneState.LIVE, problem);
    }

    /** The word for a plane that cannot be followed. */
    public PlaneState away() {
        return hasLived ? PlaneState.AWAY : PlaneState.CONNECTING;
    }

    /** The state that was reported last; null before the first. */
    public @Nullable PlaneState state() {
        return state;
    }

    /** Reports a state, unless it was reported last. */
    public void report(PlaneState next, String reason) {
        if (next == state && reason.equals(why)) return;
        state = next;
        why = reason;
        feed().state(next, reason);
    }
}
