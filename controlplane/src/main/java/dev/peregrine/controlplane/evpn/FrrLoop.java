package dev.peregrine.controlplane.evpn;

import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.dataplane.linux.netlink.bridge.NeighbourListener.Reading;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of an {@link FrrPlane}, on its thread and in zebra's network namespace: turn by turn it does what was asked,
 * hears how bgpd is, and reads what the kernel says.
 */
final class FrrLoop implements FrrDaemons.Watch, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FrrLoop.class);

    private static final long MILLI = 1_000_000L;
    private static final long LOOK_NANOS = 1_000 * MILLI;
    private static final long SETTLE_LOOK_NANOS = 100 * MILLI;
    private static final long QUIET_NANOS = 500 * MILLI;
    /** A peer may not tell the end of its first routes, and one that comes and goes is not waited for. */
    private static final long COMPLETE_NANOS = 10_000 * MILLI;
    /** In a network that is never quiet, the picture is shown all the same. */
    private static final long SETTLE_NANOS = 30_000 * MILLI;

    /** That it is not known how much is announced, for lack of an answer to what was wanted last. */
    private static final int UNTOLD = -1;

    private static final int IDLE_MILLIS = 10;
    private static final int ASKING_MILLIS = 1;

    /** How far it is. */
    private enum Phase {
        /** bgpd, zebra or all sessions are down, or nothing is to be announced. */
        DOWN,
        /** Sessions stand; first routes are on their way. */
        SETTLING,
        /** The picture is told, and changes of it. */
        FOLLOWING
    }

    private final FrrPlane plane;
    private final Feed feed;
    private final Epoll epoll;
    private final KernelPicture picture;
    private final Outbox outbox;
    private final KernelEntries entries;
    private final LocalSide local;
    private final FrrDaemons daemons;

    private Phase phase = Phase.DOWN;
    private Sessions sessions = Sessions.NONE;
    private boolean complete;
    private boolean asksComplete;
    private long settlingSince;
    private long changedAt;
    private long changesSeen;
    private long nextLook;
    private long vanishedWhenAsked;
    /** Whether the picture is to be read again; then, whether it was and is to be told. */
    private boolean reloadDue;

    private boolean pictureDue;
    private int announced = UNTOLD;
    /** Why there are no devices at all. */
    private String trouble = "";

    private String lastWhy = "";
    private @Nullable PlaneState lastState;

    private FrrLoop(FrrSettings settings, FrrPlane plane, Feed feed, Epoll epoll) throws LinuxException {
        this.plane = plane;
        this.feed = feed;
        this.epoll = epoll;
        outbox = new Outbox(feed, this::doubt);
        picture = new KernelPicture(outbox);
        entries = KernelEntries.open(picture, this::linkGone);
        local = new LocalSide(settings.port(), picture, entries.socket(), System.nanoTime());
        daemons = new FrrDaemons(settings.vtyFolder(), System::nanoTime);
        epoll.add(entries.fd(), 0);
    }

    static FrrLoop open(FrrSettings settings, FrrPlane plane, Feed feed) throws LinuxException {
        Epoll epoll = Epoll.open(1);
        try {
            return new FrrLoop(settings, plane, feed, epoll);
        } catch (LinuxException e) {
            epoll.close();
            throw e;
        }
    }

    /** Until the plane is closed. */
    void run() throws LinuxException {
        state(PlaneState.CONNECTING, "");
        while (!plane.isClosed()) {
            turn();
            epoll.poll(daemons.isAsking() ? ASKING_MILLIS : IDLE_MILLIS);
        }
        takeWanted(); // what was announced just before the end
        work(System.nanoTime());
    }

    private void turn() throws LinuxException {
        long now = System.nanoTime();
        takeWanted();
        daemons.poll(this);
        read(now);
        work(now);
        if (plane.takeResync()) {
            reloadDue = true;
        }
        if ((phase == Phase.SETTLING && isSettled(now)) || (phase == Phase.FOLLOWING && reloadDue)) {
            reload();
        }
        look(now);
    }

    private void takeWanted() throws LinuxException {
        LocalState wanted = plane.takeWanted();
        if (wanted == null) {
            return;
        }
        announced = UNTOLD;
        if (!wanted.vtep().isIpv4()) {
            trouble = "the underlay's address is " + wanted.vtep() + "; EVPN through FRR wants IPv4 there";
            down(PlaneState.REFUSED, trouble);
            return;
        }
        boolean isLess = local.want(wanted);
        reloadDue |= isLess && phase == Phase.FOLLOWING;
        if (wanted.members().isEmpty()) {
            trouble = "the gateway announces nothing, and so hears nothing";
            down(away(), trouble);
        }
    }

    private void read(long now) throws LinuxException {
        if (entries.read() == Reading.LOST) {
            log.info("The kernel dropped news of forwarding entries: reading all of them again");
            plane.overflowed();
            reloadDue = true;
        }
        if (entries.changes() != changesSeen) {
            changesSeen = entries.changes();
            changedAt = now;
        }
    }

    private void work(long now) {
        try {
            local.work(now);
            if (local.isPublished()) {
                trouble = "";
            }
        } catch (LinuxException e) {
            log.warn("EVPN shadow devices: {}", e.getMessage());
            feed.announceFailed(e.getMessage());
            feed.malformed(null, e.getMessage());
            if (!local.isPublished()) {
                trouble = e.getMessage();
                down(e.errno() == Errno.EPERM ? PlaneState.REFUSED : away(), trouble);
            }
        }
        int count = local.announced();
        if (count != announced) {
            announced = count;
            feed.announced(count);
        }
    }

    private boolean isSettled(long now) {
        boolean isQuiet = now - changedAt > QUIET_NANOS && (complete || now - settlingSince > COMPLETE_NANOS);
        return !pictureDue && (isQuiet || now - settlingSince > SETTLE_NANOS);
    }

    private void reload() throws LinuxException {
        reloadDue = false;
        entries.reload();
        local.doubtAll();
        pictureDue = true;
        nextLook = System.nanoTime();
    }

    /** Asks bgpd, as often as it takes. */
    private void look(long now) {
        boolean isUrgent = outbox.isPending() || pictureDue;
        if (daemons.isAsking() || !daemons.isConnected() || (!isUrgent && now - nextLook < 0)) {
            return;
        }
        nextLook = now + (phase == Phase.SETTLING ? SETTLE_LOOK_NANOS : LOOK_NANOS);
        boolean isFirst = phase == Phase.SETTLING && !complete && !pictureDue && asksComplete;
        asksComplete = !asksComplete;
        if (isFirst) {
            daemons.askComplete(this);
        } else if (daemons.askSessions(this)) {
            outbox.asking();
            vanishedWhenAsked = outbox.vanished();
        }
    }

    @Override
    public void sessions(Sessions now) {
        switch (phase) {
            case DOWN -> {
                if (now.anyEstablished() && local.isPublished()) {
                    settle(now);
                } else if (trouble.isEmpty()) {
                    state(away(), now.anyEstablished() ? "nothing is to be announced yet" : now.text());
                }
            }
            case SETTLING, FOLLOWING -> {
                if (now.continues(sessions)) {
                    sessions = now;
                    stand();
                } else if (now.anyEstablished() && phase == Phase.SETTLING) {
                    settle(now);
                } else {
                    down(PlaneState.AWAY, now.anyEstablished() ? "all sessions are new ones" : now.text());
                }
            }
        }
    }

    private void settle(Sessions now) {
        phase = Phase.SETTLING;
        sessions = now;
        complete = false;
        pictureDue = false;
        settlingSince = System.nanoTime();
        changedAt = settlingSince;
        state(PlaneState.SYNCING, now.text());
    }

    /** Sessions by which the present picture came stand at a time after bgpd was asked. */
    private void stand() {
        if (!areDevicesWhole()) {
            return;
        }
        outbox.confirm();
        if (!pictureDue) {
            if (phase == Phase.FOLLOWING) {
                state(PlaneState.LIVE, sessions.text());
            }
        } else if (outbox.vanished() == vanishedWhenAsked) { // else it may have vanished after the answer: ask again
            tell();
        }
    }

    private void tell() {
        pictureDue = false;
        feed.begin();
        picture.report(feed::claim);
        feed.complete();
        outbox.open();
        phase = Phase.FOLLOWING;
        plane.lived();
        state(PlaneState.LIVE, sessions.text());
    }

    @Override
    public void complete(boolean isComplete) {
        complete = isComplete;
    }

    @Override
    public void unreachable(boolean forbidden, String why) {
        down(forbidden ? PlaneState.REFUSED : away(), why);
    }

    private void down(PlaneState state, String why) {
        phase = Phase.DOWN;
        pictureDue = false;
        outbox.close();
        nextLook = System.nanoTime();
        state(state, why);
    }

    private PlaneState away() {
        return plane.hasLived() ? PlaneState.AWAY : PlaneState.CONNECTING;
    }

    private void state(PlaneState state, String why) {
        if (state != lastState || !why.equals(lastWhy)) {
            lastState = state;
            lastWhy = why;
            feed.state(state, why);
        }
    }

    private void doubt(int vni, long mac) {
        local.doubt(vni, mac);
    }

    private void linkGone(int index) {
        int vni = picture.vniOf(index);
        if (vni >= 0) {
            broken(vni);
        }
    }

    /** Entries go with their device, before the kernel says that the device went. */
    private boolean areDevicesWhole() {
        for (int vni : outbox.askedVnis()) {
            try {
                if (!local.isWhole(vni)) {
                    broken(vni);
                    return false;
                }
            } catch (LinuxException e) {
                down(away(), e.getMessage());
                return false;
            }
        }
        return true;
    }

    private void broken(int vni) {
        local.broken(vni);
        down(away(), "somebody removed a shadow device of VNI " + vni + ", or set it down: making it again");
    }

    @Override
    public void close() {
        local.close();
        daemons.close();
        entries.close();
        epoll.close();
    }
}
