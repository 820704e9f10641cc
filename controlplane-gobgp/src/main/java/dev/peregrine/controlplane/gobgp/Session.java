package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.LocalState;
import dev.peregrine.controlplane.PlaneLife;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.evpn.GobgpSettings;
import dev.peregrine.controlplane.evpn.Outbox;
import dev.peregrine.controlplane.evpn.Sessions;
import dev.peregrine.controlplane.gobgp.api.Global;
import dev.peregrine.controlplane.gobgp.api.Path;
import dev.peregrine.controlplane.gobgp.api.Peer;
import dev.peregrine.controlplane.gobgp.api.WatchEventResponse;
import dev.peregrine.controlplane.http.Texts;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One connection to gobgpd: follows its routes, tells them, and has the own ones there. It ends by an exception, or
 * when the plane is closed. Routes are told while a BGP session stands; where all break, gobgpd withdraws what they
 * said, which says nothing about where anything is. One thread.
 */
final class Session implements AutoCloseable {
    private static final long MILLI = 1_000_000L;
    /** Between two questions whether what vanished was withdrawn. */
    private static final long URGENT_LOOK_NANOS = 20 * MILLI;
    /** A peer may not tell the end of its first routes, and one that comes and goes is not waited for. */
    private static final long COMPLETE_NANOS = 10_000 * MILLI;
    /** In a network that is never quiet, the picture is shown all the same. */
    private static final long SETTLE_NANOS = 30_000 * MILLI;

    private static final long WATCH_NANOS = Duration.ofSeconds(5).toNanos();
    /** Requests, or events, in a turn. */
    private static final int SLICE = 64;

    private static final int END_OF_INIT = 2;
    /**
     * Routes that are kept for each MAC address of {@code maxMacs}: of the MAC address, with three IP addresses, and of
     * a membership, as of these, too, a plane may claim {@code maxMacs}.
     */
    static final int ROUTES_OF_MAC = 5;

    /** How far it is. */
    private enum Phase {
        /** All BGP sessions are down, or nothing is to be announced yet. */
        DOWN,
        /** Sessions stand; first routes are on their way. */
        SETTLING,
        /** The picture is told, and changes of it. */
        FOLLOWING
    }

    private final GobgpPlane plane;
    private final PlaneLife<Mail> life;
    private final GobgpSettings settings;
    private final Pace pace;
    private final Feed feed;
    private final Api api;
    private final Outbox outbox;
    private final RouteTable table;
    private final OwnRoutes own = new OwnRoutes();
    private final Publisher publisher;

    private Phase phase = Phase.DOWN;
    private Sessions sessions = Sessions.NONE;
    private String peersText = "";
    private boolean complete;
    private boolean hasVnis;
    private boolean pictureDue;
    private long as;
    private long settlingSince;
    private long changedAt;
    private long lookedAt;
    private int announced = -1;

    Session(GobgpPlane plane, GobgpSettings settings, Pace pace, Api api) {
        this.plane = plane;
        this.settings = settings;
        this.pace = pace;
        life = plane.life();
        feed = life.feed();
        this.api = api;
        outbox = new Outbox(feed, (vni, mac) -> {});
        RouteTable.Output output = new RouteTable.Output() {
            @Override
            public void claim(Claim claim) {
                outbox.claim(claim);
            }

            @Override
            public void vanished(Claim.Key key) {
                outbox.vanished(key);
            }
        };
        table = new RouteTable(output, ROUTES_OF_MAC * settings.maxMacs());
        publisher = new Publisher(settings.name(), api, own);
    }

    /** Until the plane is closed. */
    void run() throws Refusal, InterruptedException {
        identify();
        Watch watch = api.watch(life::post);
        awaitBegin(watch);
        readAll();
        while (!life.isClosed()) {
            turn(watch);
        }
        if (takeWanted()) {
            while (publisher.isDue()) { // what was announced just before the end
                publisher.work(System.nanoTime(), SLICE);
            }
        }
    }

    private void identify() throws Refusal {
        Global global;
        try {
            global = api.global();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw e;
            }
            throw new Refusal(
                    api.isVersion4()
                            ? "GoBGP 4 answers, whose API is another one and not supported: use 3.28 or a later 3.x"
                            : "no GoBGP answers at " + settings.api());
        }
        if (global.getAsn() == 0) {
            throw new Refusal("gobgpd has no [global.config] yet, with as and router-id");
        }
        as = settings.as().orElse(Integer.toUnsignedLong(global.getAsn()));
        List<Peer> peers = api.peers();
        String refusal = DaemonVersion.of(peers).refusal(settings.maxMacs());
        if (!refusal.isEmpty()) {
            throw new Refusal(refusal);
        }
        peersText = Peers.of(peers).text();
    }

    /** No change after that is left out. */
    private void awaitBegin(Watch watch) throws InterruptedException {
        long end = System.nanoTime() + WATCH_NANOS;
        for (long left = WATCH_NANOS; left > 0; left = end - System.nanoTime()) {
            Mail mail = life.await(left);
            if (mail != null && take(mail, watch)) {
                return;
            }
        }
        throw Status.DEADLINE_EXCEEDED
                .withDescription("gobgpd does not begin to tell of changes")
                .asRuntimeException();
    }

    private void turn(Watch watch) throws Refusal, InterruptedException {
        takeWanted();
        if (life.takeResync() && phase == Phase.FOLLOWING) {
            pictureDue = true;
        }
        long now = System.nanoTime();
        publisher.work(now, SLICE);
        reportAnnounced();
        look(now);
        Mail mail = life.await(publisher.isDue() ? 0 : nextWork() - System.nanoTime());
        for (int i = 0; mail != null && i < SLICE; i++) {
            take(mail, watch);
            mail = i == SLICE - 1 ? null : life.await(0);
        }
    }

    private long nextWork() {
        long next = lookedAt + pause();
        long due = publisher.dueAt(next);
        return due - next < 0 ? due : next;
    }

    private long pause() {
        if (outbox.isPending() || pictureDue) {
            return URGENT_LOOK_NANOS;
        }
        return phase == Phase.SETTLING ? pace.settleLookNanos() : pace.lookNanos();
    }

    private boolean takeWanted() throws Refusal {
        LocalState wanted = life.takeWanted();
        if (wanted == null) {
            return false;
        }
        if (!wanted.vtep().isIpv4()) {
            throw new Refusal("the underlay's address is " + wanted.vtep() + "; EVPN through GoBGP wants IPv4 there");
        }
        announced = -1; // whoever wants something waits for an answer
        boolean isNew = own.isNew(wanted);
        own.want(wanted, as);
        if (wanted.published()) {
            Set<Integer> vnis = wanted.members().stream().map(Claim.Member::vni).collect(Collectors.toSet());
            hasVnis = !vnis.isEmpty();
            if (table.isOther(vnis)) {
                table.want(vnis);
                pictureDue = phase == Phase.FOLLOWING;
            }
        }
        if (isNew) {
            readAll();
        }
        return true;
    }

    private void reportAnnounced() {
        int count = own.claims();
        if (count != announced) {
            announced = count;
            feed.announced(count);
        }
    }

    // ---- routes -----------------------------------------------------------------------------------------------

    /** Takes what gobgpd tells; returns whether it says that no change will be left out from now on. */
    private boolean take(Mail mail, Watch watch) {
        return switch (mail) {
            case Mail.Event event
            when event.watch() == watch -> {
                WatchEventResponse response = event.response();
                response.getTable().getPathsList().forEach(this::change);
                watch.taken();
                yield response.getPeer().getType() == END_OF_INIT;
            }
            case Mail.End end when end.watch() == watch -> throw end.status().asRuntimeException();
            default -> false;
        };
    }

    private void change(Path path) {
        if (!path.getFamily().equals(RouteWriter.EVPN)) {
            return;
        }
        Route.Key key = null;
        Route route = null;
        try {
            key = RouteReader.key(path);
            route = key == null || path.getIsWithdraw() ? null : RouteReader.read(key, path);
        } catch (BadRoute e) {
            malformed(String.valueOf(e.getMessage()));
            key = key == null ? e.key() : key;
        }
        if (key == null) {
            return;
        }
        changedAt = System.nanoTime();
        if (isLocal(path) && own.isOwn(key)) {
            own.seen(key, route);
        } else if (route == null) {
            table.remove(key);
        } else {
            put(route);
        }
    }

    private void put(Route route) {
        if (!table.put(route)) {
            malformed("more than " + ROUTES_OF_MAC * settings.maxMacs() + " routes, " + ROUTES_OF_MAC
                    + " for each of maxMacs: not heard is the route " + route.key());
        }
    }

    /** Counts what is wrong in a picture that is to be told, and in changes of it. */
    private void malformed(String what) {
        if (phase == Phase.FOLLOWING || pictureDue) {
            feed.malformed(null, Texts.line(what, 300));
        }
    }

    /** Whether gobgpd was given the path by its API. */
    private static boolean isLocal(Path path) {
        return RouteReader.isNone(path.getNeighborIp());
    }

    /** Reads all routes, in place of those that are known. Changes that are on their way come behind them. */
    private void readAll() {
        outbox.close();
        table.clear();
        Map<Route.Key, Route> ownNow = new HashMap<>();
        api.paths(path -> {
            try {
                Route.Key key = RouteReader.key(path);
                if (key == null) {
                    return;
                }
                boolean isOwn = isLocal(path) && own.isOwn(key);
                if (isOwn) {
                    ownNow.put(key, RouteReader.read(key, path));
                } else if (path.getBest()) {
                    put(RouteReader.read(key, path));
                }
            } catch (BadRoute e) {
                malformed(String.valueOf(e.getMessage()));
            }
        });
        own.replace(ownNow);
    }

    // ---- sessions ---------------------------------------------------------------------------------------------

    /** Asks how the sessions are, as often as it takes. */
    private void look(long now) {
        if (now - lookedAt < pause()) {
            return;
        }
        lookedAt = now;
        if ((phase == Phase.FOLLOWING && pictureDue) || (phase == Phase.SETTLING && isSettled(now))) {
            pictureDue = true;
            readAll();
        }
        outbox.asking();
        Peers peers = Peers.of(api.peers());
        peersText = peers.text();
        complete = peers.isComplete();
        Sessions standing = peers.sessions();
        if (phase != Phase.DOWN && standing.continues(sessions)) {
            sessions = standing;
            stand();
        } else if (standing.anyEstablished() && hasVnis && phase != Phase.FOLLOWING) {
            settle(standing, now);
        } else {
            down(standing.anyEstablished() && hasVnis ? "all sessions are new ones" : downText(standing));
        }
    }

    private String downText(Sessions standing) {
        return standing.anyEstablished() ? "nothing is to be announced yet" : peersText;
    }

    private boolean isSettled(long now) {
        boolean isQuiet = now - changedAt > pace.quietNanos() && (complete || now - settlingSince > COMPLETE_NANOS);
        return isQuiet || now - settlingSince > SETTLE_NANOS;
    }

    private void settle(Sessions standing, long now) {
        phase = Phase.SETTLING;
        sessions = standing;
        pictureDue = false;
        settlingSince = now;
        changedAt = now;
        life.report(PlaneState.SYNCING, peersText);
    }

    /** Sessions by which the present routes came stand at a time after these were read. */
    private void stand() {
        if (pictureDue) {
            pictureDue = false;
            feed.begin();
            table.report(feed::claim);
            feed.complete();
            outbox.open();
            phase = Phase.FOLLOWING;
        } else {
            outbox.confirm();
        }
        if (phase == Phase.FOLLOWING) {
            String problem = publisher.problem();
            plane.lived(problem.isEmpty() ? peersText : peersText + "; " + problem);
        }
    }

    private void down(String why) {
        phase = Phase.DOWN;
        pictureDue = false;
        outbox.close();
        life.report(life.away(), why);
    }

    @Override
    public void close() {
        api.close();
    }
}
