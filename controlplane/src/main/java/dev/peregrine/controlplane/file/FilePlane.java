package dev.peregrine.controlplane.file;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of files, each with claims. It is looked at every half second, not watched: a notification says nothing
 * on a file system that another host writes, and would be followed by the same look. A file that is moved into the
 * directory takes effect as a whole. One that has an error is refused, and what it said before stays.
 *
 * <p>The gateway's own state can be announced to a file. In a directory that several gateways share they so find each
 * other. Nobody removes the file of a gateway that died.
 */
public final class FilePlane implements ControlPlane {
    /** How often the directory is looked at. */
    public static final Duration INTERVAL = Duration.ofMillis(500);

    /** How long the thread may take to end: it may write a file to a slow disk. */
    private static final long CLOSE_MILLIS = 2000;

    private static final Logger LOG = LoggerFactory.getLogger(FilePlane.class);

    private final Path directory;
    private final @Nullable Path own;
    private final ClaimsDirectory claims;
    private final long intervalNanos;
    private final Thread thread;
    private final Object lock = new Object();

    /** Guarded by {@link #lock}. */
    private @Nullable LocalState wanted;

    /** How often {@link #wanted} was set. */
    private long announcements;

    private boolean isToResync = true;
    private boolean isClosed;

    /** The rest belongs to the thread. */
    private @Nullable Feed feed;

    /** Which of the announcements is written; -1 for none. */
    private long written = -1;

    private boolean hasWarned;
    private PlaneState state = PlaneState.CONNECTING;
    private String why = "";

    /**
     * A plane that does nothing yet.
     *
     * @param name for the thread
     * @param directory with files of claims; it may come later
     * @param own the file to announce the gateway's state to, perhaps in {@code directory}; null for none
     */
    public FilePlane(String name, Path directory, @Nullable Path own, Duration interval) {
        this.directory = directory;
        this.own = own;
        claims = new ClaimsDirectory(directory, own);
        intervalNanos = interval.toNanos();
        thread = Thread.ofPlatform().name("plane-" + name).daemon().unstarted(this::run);
    }

    @Override
    public void start(Feed to) {
        feed = to;
        thread.start();
    }

    @Override
    public void announce(LocalState state) {
        synchronized (lock) {
            wanted = state;
            announcements++;
            lock.notifyAll();
        }
    }

    @Override
    public void resync() {
        synchronized (lock) {
            isToResync = true;
            lock.notifyAll();
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            isClosed = true;
            lock.notifyAll();
        }
        thread.interrupt();
        try {
            thread.join(CLOSE_MILLIS); // the next plane may write the same file
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Feed to = Objects.requireNonNull(feed);
        while (true) {
            LocalState toWrite;
            long announcement;
            boolean isWhole;
            synchronized (lock) {
                if (isClosed) return;
                toWrite = wanted;
                announcement = announcements;
                isWhole = isToResync;
                isToResync = false;
            }
            try {
                if (toWrite != null) publish(to, toWrite, announcement);
                look(to, isWhole);
            } catch (RuntimeException e) {
                LOG.error("control plane of {} failed", directory, e);
            }
            try {
                await(announcement);
            } catch (InterruptedException e) {
                return; // closed
            }
        }
    }

    private void await(long announcement) throws InterruptedException {
        long end = System.nanoTime() + intervalNanos;
        synchronized (lock) {
            while (!isClosed && !isToResync && announcements == announcement) {
                long left = end - System.nanoTime();
                if (left <= 0) return;
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
    }

    private void look(Feed to, boolean isWhole) {
        boolean isPicture = isWhole || state != PlaneState.LIVE;
        try {
            if (isWhole) claims.forgetStamps();
            ClaimsDirectory.Difference difference = claims.scan(what -> to.malformed(null, what));
            if (isPicture) {
                if (state != PlaneState.LIVE) enter(to, PlaneState.SYNCING, "");
                to.begin();
                claims.claims().forEach(to::claim);
                to.complete();
                enter(to, PlaneState.LIVE, "");
            } else {
                difference.claimed().forEach(to::claim); // before the withdrawals, so that a station moves at once
                difference.withdrawn().forEach(to::withdraw);
            }
        } catch (IOException | DirectoryIteratorException e) {
            enter(to, PlaneState.AWAY, "cannot read " + directory + ": " + e);
        }
    }

    private void enter(Feed to, PlaneState next, String reason) {
        if (next == state && reason.equals(why)) return;
        state = next;
        why = reason;
        to.state(next, reason);
    }

    /** Writes the gateway's own file, if it is not there as it should be. */
    private void publish(Feed to, LocalState state, long announcement) {
        Path file = own;
        if (file == null) {
            if (written != announcement) to.announced(0);
            written = announcement;
            return;
        }
        try {
            if (written == announcement && Files.exists(file) == state.published()) return;
            int claims = 0;
            if (state.published()) claims = write(file, state);
            else Files.deleteIfExists(file);
            to.announced(claims);
            written = announcement;
            hasWarned = false;
        } catch (IOException e) {
            to.announceFailed(String.valueOf(e.getMessage()));
            if (!hasWarned) LOG.warn("cannot announce to {}: {}", file, e.toString());
            hasWarned = true;
        }
    }

    private static int write(Path file, LocalState state) throws IOException {
        List<Claim> all = new ArrayList<>();
        all.add(new Claim.Vtep(state.vtep(), state.node(), state.instance()));
        all.addAll(state.members());
        all.addAll(state.stations());
        try (ClaimsWriter writer = new ClaimsWriter(file)) {
            writer.vtep(state.vtep(), all);
            writer.finish();
        }
        return all.size();
    }
}
