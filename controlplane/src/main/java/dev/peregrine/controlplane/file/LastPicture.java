package dev.peregrine.controlplane.file;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.vxlan.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last claims of a plane, on disk: a gateway that starts while the plane cannot be reached begins with it. The
 * file's time is when the plane was live last. All methods belong to the resolver's thread.
 */
public final class LastPicture implements Closeable {
    /** Between two files, or two times of a file. */
    public static final long INTERVAL_NANOS = 10_000_000_000L;

    /** Bytes that are read, at most: 131,072 stations with three addresses each. */
    static final long MAX_BYTES = 64L << 20;

    /** Between two looks whether a picture is on the disk. */
    static final long LOOK_NANOS = 50_000_000L;

    /** Claims after which a step ends. */
    private static final int SLICE = 2000;

    private static final Logger LOG = LoggerFactory.getLogger(LastPicture.class);

    private final Path file;
    private final String plane;
    private long revision;
    private boolean hasStepped;
    private long steppedAt;
    private @Nullable ClaimsWriter writer;

    /** The end of what was written, on a thread of its own: a disk may take long. */
    private @Nullable CompletableFuture<Void> finishing;

    private boolean hasWarned;
    private final ArrayDeque<IpAddress> vteps = new ArrayDeque<>();
    private long writing;

    /** The picture of a plane, in a directory, as {@code NAME.json}. */
    public LastPicture(Path directory, String plane) {
        this.plane = plane;
        file = file(directory, plane);
    }

    /** Makes the picture of a plane that of another name, in place of any other. */
    public static void rename(Path directory, String from, String to) {
        try {
            Files.move(file(directory, from), file(directory, to), StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            LOG.debug("control plane {} has no last picture", from);
        } catch (IOException e) {
            LOG.warn("the last picture of control plane {} is not that of {} now: {}", from, to, e.toString());
        }
    }

    private static Path file(Path directory, String plane) {
        return directory.resolve(plane + ".json");
    }

    /**
     * Gives the resolver what the file has, as claims of a plane that is away since the file's time. A file that is not
     * whole is not used, and the log says why; without a file nothing happens.
     *
     * @param feed of the plane, before the plane starts
     * @return whether there was a picture
     */
    public boolean restore(Resolver resolver, Feed feed) {
        try {
            ClaimsReader.read(file, MAX_BYTES, claim -> {}); // is it whole?
            FileTime time = Files.getLastModifiedTime(file);
            feed.begin();
            ClaimsReader.read(file, MAX_BYTES, feed::claim);
            feed.complete();
            long agoMillis = Math.max(0, System.currentTimeMillis() - time.toMillis());
            resolver.restored(plane, agoMillis * 1_000_000);
            revision = resolver.revision(plane);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            LOG.warn("the last picture of control plane {} is not used: {}", plane, e.toString());
            return false;
        }
    }

    /**
     * Writes a part of the picture, if it is time for one, and the plane is live.
     *
     * @param now as given to {@link Resolver#tick}
     * @return after how many nanoseconds the next step is due; 0 while a picture is being written
     */
    public long step(Resolver resolver, long now) {
        try {
            if (finishing != null) return finished(finishing);
            if (writer != null) return write(resolver, writer);
            long left = hasStepped ? INTERVAL_NANOS - (now - steppedAt) : 0;
            if (left > 0) return left;
            if (!isLive(resolver)) return INTERVAL_NANOS;
            hasStepped = true;
            steppedAt = now;
            if (resolver.revision(plane) == revision && Files.exists(file)) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
                return INTERVAL_NANOS;
            }
            writing = resolver.revision(plane);
            vteps.addAll(resolver.vteps(plane));
            writer = new ClaimsWriter(file);
            return 0;
        } catch (IOException e) {
            giveUp(e);
            return INTERVAL_NANOS;
        }
    }

    private boolean isLive(Resolver resolver) {
        for (PlaneStatus status : resolver.planes()) {
            if (status.name().equals(plane)) return status.state() == PlaneState.LIVE;
        }
        return false;
    }

    private long write(Resolver resolver, ClaimsWriter to) throws IOException {
        List<Claim> claims = new ArrayList<>();
        int left = SLICE;
        while (left > 0) {
            IpAddress vtep = vteps.poll();
            if (vtep == null) {
                finishing = finish(to);
                return LOOK_NANOS;
            }
            claims.clear();
            resolver.claims(plane, vtep, claims::add);
            to.vtep(vtep, claims);
            left -= Math.max(1, claims.size());
        }
        return 0;
    }

    private CompletableFuture<Void> finish(ClaimsWriter to) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("picture-" + plane).start(() -> {
            try {
                to.finish();
                end.complete(null);
            } catch (IOException | RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    private long finished(CompletableFuture<Void> end) throws IOException {
        if (!end.isDone()) return LOOK_NANOS;
        finishing = null;
        if (end.isCompletedExceptionally()) throw new IOException(end.exceptionNow());
        writer = null;
        revision = writing;
        hasWarned = false;
        return INTERVAL_NANOS;
    }

    /** The next one of the plane writes beside the same place. */
    private static void await(CompletableFuture<Void> end) {
        try {
            end.get(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("a last picture was not written", e);
        }
    }

    private void giveUp(IOException e) {
        if (!hasWarned) {
            LOG.warn(
                    "cannot write the last picture of control plane {}: {}; have the folder of control.cache there, writable,"
                            + " or set it to off",
                    plane,
                    e.toString());
        }
        hasWarned = true;
        close();
    }

    /**
     * Leaves a picture that is being written, and the one before in its place; one that is on its way to the disk
     * arrives.
     */
    @Override
    public void close() {
        vteps.clear();
        if (finishing != null) {
            await(finishing);
            finishing = null;
            writer = null;
        }
        if (writer == null) return;
        try {
            writer.close();
        } catch (IOException alsoFailed) {
            LOG.debug("cannot remove what was written of {}", file, alsoFailed);
        }
        writer = null;
    }
}
