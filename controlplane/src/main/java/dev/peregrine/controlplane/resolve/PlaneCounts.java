package dev.peregrine.controlplane.resolve;

import dev.peregrine.controlplane.http.Texts;
import dev.peregrine.controlplane.resolve.report.Refusal;
import dev.peregrine.controlplane.resolve.report.ResolverEvents;
import dev.peregrine.dataplane.stage.Histogram;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The number of a plane's reports of each kind. */
final class PlaneCounts {
    private static final long BETWEEN_EVENTS = 60_000_000_000L;
    private static final int LONGEST = 200;

    /** Nanoseconds, as powers of two: a millisecond and some two minutes. */
    private static final int SHORTEST_PICTURE = 20;

    private static final int LONGEST_PICTURE = 37;

    private final String plane;
    private final ResolverEvents events;
    private final Map<Refusal, Refused> refused = new EnumMap<>(Refusal.class);
    private @Nullable Object latest;
    private Refusal latestReason = Refusal.MALFORMED;
    private long reports;
    private long pictures;
    private long conflicts;
    private int announced;
    private long answers;
    private long announceErrors;
    private long pictureBegan;
    private final Histogram pictureTimes = new Histogram(SHORTEST_PICTURE, LONGEST_PICTURE);

    /** Refusals for one reason. */
    private static final class Refused {
        long count;
        long told;
        long toldAt;
    }

    PlaneCounts(String plane, ResolverEvents events) {
        this.plane = plane;
        this.events = events;
    }

    void event() {
        reports++;
    }

    void pictureBegins(long now) {
        pictureBegan = now;
    }

    void picture(long now) {
        pictures++;
        pictureTimes.add(Math.max(0, now - pictureBegan));
    }

    void announceFailed() {
        announceErrors++;
    }

    long announceErrors() {
        return announceErrors;
    }

    /** In nanoseconds. */
    Histogram pictureTimes() {
        return pictureTimes;
    }

    void conflict() {
        conflicts++;
    }

    void announced(int claims) {
        announced = claims;
        answers++;
    }

    /** How often the plane has said how much of ours it holds. */
    long answers() {
        return answers;
    }

    /** A claim is not believed. That a plane speaks of other VNIs, or of this gateway, is normal, and no event. */
    void refused(Refusal reason, Object what, long now) {
        Refused of = refused.computeIfAbsent(reason, ignored -> new Refused());
        of.count++;
        if (reason == Refusal.VNI_NOT_CONFIGURED || reason == Refusal.OWN_VTEP) return;
        latest = what;
        latestReason = reason;
        if (of.told > 0 && now - of.toldAt < BETWEEN_EVENTS) return;
        events.refused(plane, reason, lastRefused(), of.count - of.told);
        of.told = of.count;
        of.toldAt = now;
    }

    long events() {
        return reports;
    }

    long pictures() {
        return pictures;
    }

    long conflicts() {
        return conflicts;
    }

    int announced() {
        return announced;
    }

    Map<Refusal, Long> refused() {
        Map<Refusal, Long> counts = new EnumMap<>(Refusal.class);
        refused.forEach((reason, of) -> counts.put(reason, of.count));
        return counts;
    }

    /** The last claim that was refused, and why; empty before. */
    String lastRefused() {
        if (latest == null) return "";
        String line = Texts.line(latest.toString(), LONGEST);
        return latestReason == Refusal.MALFORMED ? line : line + ": " + latestReason.sentence();
    }
}
