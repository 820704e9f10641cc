package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.Claim;
import dev.peregrine.controlplane.ControlPlane;
import dev.peregrine.controlplane.Feed;
import dev.peregrine.controlplane.PlaneState;
import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.controlplane.resolve.HeldClaim.Leaving;
import dev.peregrine.controlplane.resolve.report.PlaneStatus;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The claims of one plane, and the time for which withdrawn ones still count. */
final class PlaneClaims implements Feed {
    private static final int LONGEST_REASON = 300;
    /** Claims that one tick removes at most. */
    private static final int SLICE = 200;

    /** Claims after which a tick stops looking for those that a picture did not have. */
    private static final int SWEPT = 1000;

    /** Void withdrawals are kept up to this number above twice that of the valid ones. */
    private static final int IDLE_WITHDRAWALS = 2000;

    final ControlPlane plane;
    final PlaneStore store;
    final ShrinkGuard guard = new ShrinkGuard();
    final PlaneCounts counts;

    /** Lower than that of planes that were added later. */
    final int order;

    PlaneSettings settings;

    /** Whether the plane is to be told what to publish. */
    boolean isAnnouncementDue;

    boolean hasAnnounced;
    long announcedAt;

    /** How often the plane had said how much of ours it holds, when it was told what to publish. */
    long answersBefore;

    /** Changes with each change of a claim. */
    long revision;

    private final Model model;
    private final ResolverSettings delays;
    private final ResolverEvents events;
    private final ArrayDeque<Leaving> withdrawn = new ArrayDeque<>();
    private PlaneState state = PlaneState.CONNECTING;
    private String why = "";
    private long stateSince;

    /** Whether {@link #awaySince} says since when the plane, which has claims, is not live. */
    private boolean isAway;

    private long awaySince;

    private final Settling settling;
    private short picture;
    private final WantOfRoom want = new WantOfRoom();

    /** Parts of the claims that are still to be looked at: what has another picture goes. */
    private final ArrayDeque<PlaneStore.Part> toSweep = new ArrayDeque<>();

    /** Whether what goes by the sweep goes without delay. */
    private boolean isSweepUrgent;

    private int swept;
    private boolean isInPicture;
    private boolean isSecondLook;
    private boolean isGone;

    PlaneClaims(
            int order,
            PlaneSettings settings,
            ControlPlane plane,
            Model model,
            ResolverSettings delays,
            ResolverEvents events) {
        this.order = order;
        this.settings = settings;
        this.plane = plane;
        this.model = model;
        this.delays = delays;
        this.events = events;
        store = new PlaneStore(model, this, guard);
        counts = new PlaneCounts(settings.name(), events);
        settling = new Settling(nanos(delays.shrinkHold()));
        stateSince = model.now;
    }

    String name() {
        return settings.name();
    }

    PlaneState state() {
        return state;
    }

    @Override
    public void begin() {
        sweepAll();
        picture++;
        isInPicture = true;
        counts.pictureBegins(model.now);
        isSecondLook = guard.looks();
    }

    @Override
    public void claim(Claim said) {
        if (isGone) return;
        Claim claim = Judge.plain(said);
        counts.event();
        HeldClaim held = store.find(claim.key());
        Refusal refusal = Judge.refusal(claim, settings, model, this);
        if (refusal == null && held == null) {
            refusal = store.limit(claim, settings);
            if (refusal != null) want.refused(store.removals());
        }
        if (refusal != null) {
            counts.refused(refusal, claim, model.now);
            if (held != null) repeated(held);
            return;
        }
        boolean isChanged = held == null || store.update(held, claim);
        if (held == null) held = store.add(claim);
        if (isChanged) {
            revision++;
            if (held instanceof HeldClaim.OfStation ofStation && ofStation.station.isAtPort()) counts.conflict();
        }
        repeated(held);
    }

    private long askForMore(long now) {
        long left = isInPicture ? Long.MAX_VALUE : want.due(now, store.removals());
        if (left > 0) return left;
        want.asked(now);
        plane.resync();
        return Long.MAX_VALUE;
    }

    /** A claim was named as what it is: it stands, and the picture has it. */
    private void repeated(HeldClaim held) {
        held.picture = picture;
        if (held.stands()) return;
        store.setLeaving(held, null);
        revision++;
    }

    @Override
    public void withdraw(Claim.Key key) {
        if (isGone) return;
        counts.event();
        HeldClaim held = store.find(key);
        if (held != null) withdraw(held);
    }

    private void withdraw(HeldClaim held) {
        if (!held.stands()) return;
        Leaving leaving = new Leaving(held, model.now, false);
        store.setLeaving(held, leaving);
        if (!guard.releases() && withdrawn.size() > 2 * store.held() + IDLE_WITHDRAWALS) {
            withdrawn.removeIf(other -> !other.holds()); // claims that come and go while removals wait
        }
        withdrawn.add(leaving);
        revision++;
    }

    @Override
    public void complete() {
        if (isGone || !isInPicture) return;
        isInPicture = false;
        counts.picture(model.now);
        sweepAll();
        isSweepUrgent = false;
        toSweep.addAll(store.parts());
    }

    /** Takes what the last picture did not have; stops after a while. */
    private void sweep() {
        swept = 0;
        PlaneStore.Part part;
        while (swept < SWEPT && (part = toSweep.poll()) != null) part.forEach(this::sweep);
        if (!toSweep.isEmpty()) return;
        if (isSecondLook && !isInPicture && guard.looks()) release();
        if (!isInPicture) isSecondLook = false;
    }

    private void sweep(HeldClaim held) {
        swept++;
        if (held.picture == picture) return;
        if (isSweepUrgent) drop(held);
        else withdraw(held);
    }

    private void sweepAll() {
        while (!toSweep.isEmpty()) sweep();
    }

    @Override
    public void malformed(Claim.@Nullable Key key, String what) {
        if (isGone) return;
        counts.event();
        counts.refused(Refusal.MALFORMED, what, model.now);
        HeldClaim held = key == null ? null : store.find(key);
        if (held != null) repeated(held);
    }

    @Override
    public void announced(int claims) {
        counts.announced(claims);
    }

    @Override
    public void announceFailed(String why) {
        counts.announceFailed();
    }

    @Override
    public void state(PlaneState now, String said) {
        if (isGone) return;
        String reason = Texts.line(said, LONGEST_REASON);
        if (state == PlaneState.LIVE && now != PlaneState.LIVE) settling.lost(model.now);
        if (now != PlaneState.SYNCING) isInPicture &= now == PlaneState.LIVE;
        if (now == PlaneState.LIVE) {
            if (isAway) settling.returned(model.now);
            isAway = false;
        } else if (!isAway && store.claims() > 0) {
            away(model.now);
        }
        if (now != state) stateSince = model.now;
        boolean isNews = now != state || !reason.equals(why);
        state = now;
        why = reason;
        if (isNews) events.state(name(), now, reason);
    }

    boolean isReached() {
        return state == PlaneState.LIVE || state == PlaneState.SYNCING;
    }

    /** Whether the plane has said, since it was told last, that it holds nothing of ours; or cannot be told. */
    boolean isWithdrawn() {
        if (!hasAnnounced || !isReached()) return true;
        return !isAnnouncementDue && counts.announced() == 0 && counts.answers() > answersBefore;
    }

    /** The plane's claims count for {@code hold} since a time. */
    void away(long since) {
        isAway = true;
        awaySince = since;
    }

    /** Does what is due; returns in how many nanoseconds something will be. */
    long tick() {
        long now = model.now;
        guard.tick(now);
        if (!toSweep.isEmpty()) sweep();
        if (!toSweep.isEmpty()) return 0; // what is lost is judged as a whole
        if (state != PlaneState.LIVE) return untilHoldEnds(now);
        if (guard.trips(now)) {
            int kind = guard.worstKind();
            events.guarded(name(), guard.lost(kind), guard.standing(kind));
        } else if (guard.recovers()) {
            events.guardEnded(name(), 0);
        }
        long untilLook = guard.untilLook(now, nanos(delays.shrinkHold()));
        if (untilLook == 0) {
            guard.look();
            plane.resync();
        }
        long next = Math.min(untilLook == 0 ? Long.MAX_VALUE : untilLook, removeDue(now));
        return Math.min(next, askForMore(now));
    }

    private static long nanos(Duration duration) {
        return duration.compareTo(ResolverSettings.FOREVER) >= 0 ? Long.MAX_VALUE : duration.toNanos();
    }

    private long untilHoldEnds(long now) {
        long left = holdLeft(now);
        if (left < 0) return Long.MAX_VALUE;
        if (left > 0) return left;
        events.holdEnded(name(), store.claims());
        isAway = false;
        if (!isInPicture) picture++; // keeps what an unfinished picture has repeated
        isSweepUrgent = true;
        toSweep.addAll(store.parts());
        guard.reset();
        return 0;
    }

    /** Nanoseconds until claims of the plane go; -1 while nothing is to go. */
    long holdLeft(long now) {
        if (!isAway) return -1;
        long hold = nanos(delays.hold());
        return hold == Long.MAX_VALUE ? hold : Math.max(0, hold - (now - awaySince));
    }

    private long removeDue(long now) {
        long delay = nanos(delays.withdrawDelay());
        for (int i = 0; i < SLICE; i++) {
            Leaving first = withdrawn.peek();
            if (first == null) return Long.MAX_VALUE;
            if (first.holds() && !guard.releases()) {
                if (guard.holds()) return Long.MAX_VALUE;
                long left = Math.max(delay - (now - first.since), settling.left(now));
                if (left > 0) return left;
            }
            withdrawn.poll();
            if (first.holds()) {
                store.remove(first.claim);
                revision++;
            }
            if (guard.releases()) guard.released();
        }
        return 0;
    }

    /** Ends waits for what may come back, and makes the removals that the shrink guard holds. */
    void release() {
        settling.end();
        if (!guard.holds()) return;
        events.guardEnded(name(), store.held());
        guard.release(withdrawn.size());
    }

    /** A claim goes without delay. */
    void drop(HeldClaim held) {
        Leaving leaving = new Leaving(held, model.now, true);
        store.setLeaving(held, leaving);
        model.urgent.add(leaving);
        revision++;
    }

    /** The plane has gone, and all its claims go: {@link #leave} is to be called until nothing is left to mark. */
    void gone() {
        isGone = true;
        isInPicture = false;
        isSecondLook = false;
        isSweepUrgent = true;
        picture++;
        withdrawn.clear();
        guard.reset();
        toSweep.clear();
        toSweep.addAll(store.parts());
    }

    /** Marks a part of what a plane that has gone claimed; returns whether there is more of it. */
    boolean leave() {
        sweep();
        return !toSweep.isEmpty();
    }

    /** Judges again all that is claimed, by other settings. */
    void judgeAgain(PlaneSettings other) {
        settings = other;
        for (HeldClaim held : store.all()) {
            Claim claim = held.claim();
            Refusal refusal = Judge.refusal(claim, settings, model, this);
            if (refusal == null) continue;
            counts.refused(refusal, claim, model.now);
            drop(held);
        }
    }

    PlaneStatus status(long now) {
        return new PlaneStatus(
                name(),
                state,
                why,
                now - stateSince,
                holdLeft(now),
                store.vteps(),
                store.stations(),
                store.claims(),
                store.held(),
                guard.holds() ? store.held() : 0,
                counts.announced(),
                counts.events(),
                counts.pictures(),
                counts.conflicts(),
                counts.announceErrors(),
                counts.pictureTimes(),
                counts.refused(),
                counts.lastRefused());
    }
}
