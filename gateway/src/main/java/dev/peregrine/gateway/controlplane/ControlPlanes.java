package dev.peregrine.gateway.controlplane;

import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.FeedQueue;
import dev.peregrine.controlplane.file.LastPicture;
import dev.peregrine.controlplane.resolve.PlaneSettings;
import dev.peregrine.controlplane.resolve.Resolver;
import dev.peregrine.dataplane.stage.Histogram;
import dev.peregrine.gateway.port.LocalPorts;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.worker.FaultLog;
import dev.peregrine.vxlan.IpAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The control planes of a gateway. Each has a thread of its own and reports by a bounded queue. The control thread
 * takes reports, has the {@link Resolver} decide, and changes the tables, in turns of at most {@link #TURN_NANOS} or
 * {@value #SLICE} changes, between which it does its other work. It alone calls every method here.
 */
public final class ControlPlanes {
    /** Changes of the tables, or reports of a plane, in a turn. */
    static final int SLICE = 2000;

    /** The time after which a turn ends. */
    static final long TURN_NANOS = 2_000_000;

    /** How long a plane that ends may take to withdraw what it published. */
    static final Duration WITHDRAWAL = Duration.ofSeconds(5);

    /**
     * How long the gateway's end waits for planes that are closed: with the withdrawal, less than service managers
     * wait.
     */
    private static final Duration CLOSING = Duration.ofSeconds(8);

    private static final long POLL_NANOS = 5_000_000;

    /** Changes, or reports, between two looks at the clock. */
    private static final int STEP = 32;

    /** Bounds of {@link #turns}, as powers of two: 66 microseconds and 134 milliseconds. */
    private static final int SHORTEST_TURN = 16;

    private static final int LONGEST_TURN = 27;

    private final Segments segments;
    private final Tables tables;
    private final Resolver resolver;
    private final Optional<Path> cache;
    private final ScheduledExecutorService control;
    private final Runnable turn;
    private final Consumer<List<IpAddress>> unnamed;
    private final LocalStations local;
    private final ClaimedEntries entries;
    private final Map<String, Joined> planes = new LinkedHashMap<>();

    /** Planes that end. */
    private final List<Departure> departures = new ArrayList<>();

    private final AtomicBoolean isWoken = new AtomicBoolean();

    /** VNIs of which the resolver is to tell all again, since static neighbours went that were in the way. */
    private final Set<Integer> again = new TreeSet<>();

    private @Nullable ScheduledFuture<?> timer;
    private boolean isClosed;
    private final Histogram turns = new Histogram(SHORTEST_TURN, LONGEST_TURN);
    private long longestNanos;

    /** A plane, its reports, the resolver's end for them, and what it claimed last, on disk. */
    private record Joined(
            PlaneSettings settings,
            String type,
            ControlPlane plane,
            FeedQueue reports,
            Feed end,
            @Nullable LastPicture picture) {}

    /**
     * No planes.
     *
     * @param cache the folder of each plane's last picture; empty: none is kept
     * @param control runs tasks on the control thread
     * @param unnamed is told of VTEPs that no plane names any more, when nothing that planes gave names them; once for
     *     many
     */
    public ControlPlanes(
            Segments segments,
            Tables tables,
            LocalPorts ports,
            Resolver resolver,
            Optional<Path> cache,
            ScheduledExecutorService control,
            FaultLog faults,
            Consumer<List<IpAddress>> unnamed) {
        this.segments = segments;
        this.tables = tables;
        this.resolver = resolver;
        this.cache = cache;
        this.control = control;
        this.unnamed = unnamed;
        turn = faults.contain("control planes", this::turn);
        local = new LocalStations(segments, ports, resolver, this::wake);
        entries = new ClaimedEntries(segments, tables, local);
        tables.fdb().listeners().onEntry(local);
        tables.bridge().neighbours().onVacancy((segment, high, low) -> tellAgain(segment));
    }

    private void tellAgain(int segment) {
        again.add(segments.get(segment).vni());
        wake();
    }

    // ---- what there is ----------------------------------------------------------------------------------------

    /**
     * Adds a plane, in place of any other of its name. It waits for {@link #start}.
     *
     * @param type the word for its kind, as in the file
     * @param isElsewhere whether it publishes at another place than the one of its name, which then withdraws
     */
    public void add(PlaneSettings settings, String type, ControlPlane plane, boolean isElsewhere) {
        Joined before = planes.remove(settings.name());
        if (before != null) {
            Departure its = end(before, isElsewhere);
            if (!isElsewhere) {
                its.await(WITHDRAWAL); // two at one place would undo each other's work
            }
        }
        FeedQueue reports = new FeedQueue(this::wake);
        Feed feed = resolver().plane(settings, plane);
        LastPicture picture =
                cache.map(folder -> new LastPicture(folder, settings.name())).orElse(null);
        planes.put(settings.name(), new Joined(settings, type, plane, reports, feed, picture));
        makeRoom();
        wake();
    }

    /**
     * Starts a plane that was added, when the VNIs {@linkplain #listen listen} to it: what it claims about others is
     * refused. Until it has told its picture, its last one holds.
     */
    public void start(String name) {
        Joined joined = Objects.requireNonNull(planes.get(name), name);
        if (joined.picture != null) {
            joined.picture.restore(resolver(), joined.end);
        }
        joined.plane.start(joined.reports);
        wake();
    }

    /** Ends a plane, has it withdraw what it published, and forgets what it claimed. */
    public void remove(String name) {
        Joined gone = planes.remove(name);
        if (gone != null) {
            end(gone, true);
            resolver().planeGone(name);
            makeRoom();
            wake();
        }
    }

    /**
     * Gives a plane another name: it ends, without a withdrawal, before one of the new name is {@linkplain #add added}
     * that publishes at the same place, and that begins with its last picture.
     */
    public void rename(String from, String to) {
        Joined before = planes.remove(from);
        if (before == null) {
            return;
        }
        end(before, false).await(WITHDRAWAL);
        resolver().planeGone(from);
        cache.ifPresent(folder -> LastPicture.rename(folder, from, to));
        wake();
    }

    private void makeRoom() {
        tables.claimedPlaces(planes.values().stream()
                .mapToInt(joined -> joined.settings.maxMacs())
                .sum());
    }

    /** The kind of a plane; empty for one that is not there any more. */
    public String type(String name) {
        Joined joined = planes.get(name);
        return joined == null ? "" : joined.type;
    }

    private Departure end(Joined gone, boolean withdraws) {
        if (gone.picture != null) {
            gone.picture.close();
        }
        String name = gone.settings.name();
        Departure departure = new Departure(
                name, gone.plane, gone.reports, withdraws ? resolver.nothing() : null, resolver.isReached(name));
        departures.removeIf(Departure::isOver);
        departures.add(departure.begin(WITHDRAWAL));
        return departure;
    }

    /**
     * Sets the planes that a VNI listens to and announces itself by, the one that is believed most first; none to
     * listen no longer.
     *
     * @param announceLearned whether what is learned at local ports is announced
     * @param announceLimit the most of that
     */
    public void listen(int vni, List<String> names, boolean announceLearned, int announceLimit) {
        int segment = segments.indexOf(vni).orElseThrow();
        if (names.isEmpty()) {
            leave(vni);
            return;
        }
        resolver().vni(vni, names, announceLearned, announceLimit);
        local.listen(segment, announceLearned, tables.fdb());
        wake();
    }

    /** Removes what a VNI has because of planes, before it closes. */
    public void leave(int vni) {
        segments.indexOf(vni).ifPresent(local::leave);
        resolver().vni(vni, List.of(), false, 0);
        boolean isMore = true;
        while (isMore) {
            isMore = resolver.tick(System.nanoTime()) == 0;
            isMore |= resolver.drain(entries, SLICE);
            entries.publish();
        }
        wake();
    }

    /** Whether planes are told what is here. */
    public void publish(boolean isPublished) {
        resolver().publish(isPublished);
        wake();
    }

    /**
     * Withdraws what planes publish, and waits until they have done so, for at most {@link #WITHDRAWAL}; a plane that
     * cannot be reached is not waited for. Then it goes on for a while, in which others hear of it. For the gateway's
     * end.
     *
     * @param delay how long it goes on, if anything was withdrawn
     */
    public void withdraw(Duration delay) {
        boolean isPublished = resolver.planes().stream().anyMatch(plane -> plane.announced() > 0);
        resolver().publish(false);
        turnUntil(WITHDRAWAL, resolver::isWithdrawn);
        if (isPublished) {
            turnUntil(delay, () -> false);
        }
    }

    private void turnUntil(Duration limit, BooleanSupplier condition) {
        long began = System.nanoTime();
        do {
            turn.run();
            if (condition.getAsBoolean()) {
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
        } while (System.nanoTime() - began < limit.toNanos());
    }

    /** Ends all planes; what they have given stays in the tables. */
    public void close() {
        close(CLOSING);
    }

    /** As {@link #close()}, and waits for planes that are closed at most for a time in all. */
    void close(Duration limit) {
        isClosed = true;
        if (timer != null) {
            timer.cancel(false);
        }
        planes.values().forEach(gone -> end(gone, false));
        planes.clear();
        long deadline = System.nanoTime() + limit.toNanos();
        departures.forEach(departure -> departure.await(Duration.ofNanos(deadline - System.nanoTime())));
    }

    /** The resolver, at the present time. A caller that changes its decisions calls {@link #wake} afterwards. */
    public Resolver resolver() {
        resolver.time(System.nanoTime()); // the last turn may have been long ago
        return resolver;
    }

    /** Changes of the tables since the start. */
    public long changes() {
        return entries.changes();
    }

    /** How long turns took, in nanoseconds. */
    public Histogram turns() {
        return turns;
    }

    /** The longest turn since the start. */
    public long longestTurnNanos() {
        return longestNanos;
    }

    // ---- turns ------------------------------------------------------------------------------------------------

    /** Has a turn taken soon. For any thread. */
    public void wake() {
        if (isWoken.compareAndSet(false, true)) {
            control.execute(turn);
        }
    }

    private void turn() {
        isWoken.set(false);
        if (isClosed) {
            return;
        }
        long began = System.nanoTime();
        boolean isMore = true;
        long wait = Long.MAX_VALUE;
        for (int done = 0; isMore && done < SLICE && System.nanoTime() - began < TURN_NANOS; done += STEP) {
            resolver.time(System.nanoTime());
            isMore = takeReports();
            wait = resolver.tick(System.nanoTime());
            isMore |= resolver.drain(entries, STEP);
            isMore |= wait == 0; // claims are to be removed, or marked
        }
        entries.publish();
        if (!isMore && !again.isEmpty()) { // only when all that goes has gone
            again.forEach(resolver::tellAgain);
            again.clear();
            isMore = true;
        }
        if (!isMore) {
            wait = Math.min(wait, keepPictures());
        }
        long took = System.nanoTime() - began;
        longestNanos = Math.max(longestNanos, took);
        turns.add(took);
        if (isMore || wait == 0) {
            wake();
            return;
        }
        List<IpAddress> gone = entries.takeUnnamed();
        if (!gone.isEmpty()) {
            unnamed.accept(gone);
        }
        schedule(wait);
    }

    private boolean takeReports() {
        boolean isMore = false;
        for (Joined joined : new ArrayList<>(planes.values())) {
            isMore |= joined.reports.drain(joined.end, STEP);
        }
        return isMore;
    }

    /** Writes on at the planes' last pictures; returns after how many nanoseconds there is more to write. */
    private long keepPictures() {
        long wait = Long.MAX_VALUE;
        for (Joined joined : planes.values()) {
            if (joined.picture != null) {
                wait = Math.min(wait, joined.picture.step(resolver, System.nanoTime()));
            }
        }
        return wait;
    }

    private void schedule(long waitNanos) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = waitNanos == Long.MAX_VALUE ? null : control.schedule(this::wake, waitNanos, TimeUnit.NANOSECONDS);
    }
}
