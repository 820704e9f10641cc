package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.fastpath.view.LookupOutcome;
import dev.peregrine.gateway.observe.tap.Places;
import dev.peregrine.gateway.observe.tap.TraceEvent;
import dev.peregrine.gateway.observe.tap.TraceEvent.Kind;
import dev.peregrine.overlay.Wiring;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes words of a packet's events. Belongs to the thread that reads the rings. */
final class Traced {
    private static final DropReason[] REASONS = DropReason.values();
    private static final LookupOutcome[] OUTCOMES = LookupOutcome.values();

    private final Places places;
    private final GraphNames names;
    private final WallClock clock;
    private long count;

    Traced(Places places, GraphNames names, WallClock clock) {
        this.places = places;
        this.names = names;
        this.clock = clock;
    }

    /** Whether a packet's way has a drop for a reason in it; null is every way. */
    static boolean hasDrop(List<TraceEvent> events, @Nullable DropReason reason) {
        return reason == null
                || events.stream().anyMatch(event -> event.kind() == Kind.DROPPED && event.detail() == reason.index());
    }

    /** The packet whose events these are, the first of them its arrival. */
    TracedPacket packet(List<TraceEvent> events) {
        TraceEvent arrival = events.getFirst();
        boolean isTunnelled = Ports.isTunnel(arrival.port());
        return new TracedPacket(
                ++count,
                DateTimeFormatter.ISO_INSTANT.format(Instant.EPOCH.plusNanos(clock.epochNanos(arrival.nanos()))),
                names.terminal(places.name(arrival.place())),
                isTunnelled ? names.vtep(arrival.port()) : null,
                arrival.vni() < 0 ? null : Integer.valueOf(arrival.vni()),
                arrival.length(),
                arrival.segments(),
                arrival.segmentSize(),
                FrameText.of(arrival.frame()),
                result(events),
                lastDrop(events),
                steps(events, arrival));
    }

    /** The packet's end; the last event that ends it counts, but that its news was sent counts more. */
    private String result(List<TraceEvent> events) {
        String result = "inside";
        for (TraceEvent event : events) {
            boolean isDecision = event.kind() == Kind.DECIDED;
            if (isDecision && Verdict.isAnswer(event.detail())) {
                return "answered";
            }
            if (event.kind() == Kind.DROPPED) {
                result = "dropped";
            } else if (event.kind() == Kind.LEFT) {
                result = places.name(event.place()).equals(Wiring.UNDERLAY) ? "sent" : "delivered";
            } else if (isDecision && event.detail() == Verdict.CONSUMED && !isWaiting(event)) {
                result = "consumed";
            }
        }
        return result;
    }

    private static @Nullable String lastDrop(List<TraceEvent> events) {
        String reason = null;
        for (TraceEvent event : events) {
            reason = event.kind() == Kind.DROPPED ? REASONS[event.detail()].name() : reason;
        }
        return reason;
    }

    private List<TracedPacket.Step> steps(List<TraceEvent> events, TraceEvent arrival) {
        List<TracedPacket.Step> steps = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            TraceEvent event = events.get(i);
            if (event.kind() != Kind.DROPPED) {
                steps.add(step(event, arrival));
            } else if (!repeatsTheStage(events, i)) {
                steps.add(dropped(event, arrival, REASONS[event.detail()].name()));
            }
        }
        return steps;
    }

    /** A packet that waits for earlier ones of its flow is looked up again. */
    private static boolean isWaiting(TraceEvent event) {
        return event.outcome() >= 0 && OUTCOMES[event.outcome()] == LookupOutcome.WAITS;
    }

    /** Whether the drop is the one that the verdict in front of it has told. */
    private static boolean repeatsTheStage(List<TraceEvent> events, int drop) {
        TraceEvent event = events.get(drop);
        for (int i = drop - 1; i >= 0; i--) {
            TraceEvent before = events.get(i);
            if (before.kind() == Kind.DECIDED && before.place() == event.place()) {
                return reason(before.detail()) == REASONS[event.detail()];
            }
        }
        return false;
    }

    private TracedPacket.Step dropped(TraceEvent event, TraceEvent arrival, String reason) {
        return new TracedPacket.Step(
                event.nanos() - arrival.nanos(),
                GraphNames.worker(event.worker()),
                event.place() < 0 ? "queue" : places.name(event.place()),
                "drop",
                null,
                names.egress(event.port()),
                reason,
                null,
                null);
    }

    private TracedPacket.Step step(TraceEvent event, TraceEvent arrival) {
        String place = places.name(event.place());
        boolean isDecision = event.kind() == Kind.DECIDED;
        DropReason reason = isDecision ? reason(event.detail()) : null;
        boolean isHit = event.outcome() == LookupOutcome.HIT.number();
        return new TracedPacket.Step(
                event.nanos() - arrival.nanos(),
                GraphNames.worker(event.worker()),
                place,
                verdict(event),
                isDecision ? next(place, event.detail()) : null,
                event.kind() == Kind.ARRIVED ? null : names.egress(event.port()),
                reason == null ? null : reason.name(),
                note(event),
                isHit ? names.skipped(place, event.port()) : null);
    }

    private @Nullable String note(TraceEvent event) {
        if (event.outcome() < 0) {
            return null;
        }
        LookupOutcome outcome = OUTCOMES[event.outcome()];
        if (outcome != LookupOutcome.HIT) {
            return outcome.text();
        }
        return String.format(
                Locale.ROOT,
                "%s: decided %.3f s ago, %d packets of the flow since",
                outcome.text(),
                (event.nanos() - event.sinceNanos()) / 1e9,
                event.passed());
    }

    private static String verdict(TraceEvent event) {
        return switch (event.kind()) {
            case ARRIVED -> "arrived";
            case LEFT -> "left";
            case DROPPED -> "drop";
            case DECIDED -> verdict(event.detail());
        };
    }

    private static String verdict(int verdict) {
        if (Verdict.isForward(verdict)) {
            return "forward";
        }
        if (Verdict.isFlood(verdict)) {
            return "flood";
        }
        if (Verdict.isAnswer(verdict)) {
            return "answer";
        }
        return Verdict.isDrop(verdict) ? "drop" : "consumed";
    }

    private static @Nullable DropReason reason(int verdict) {
        boolean isLoss = Verdict.isDrop(verdict) || (Verdict.isAnswer(verdict) && Verdict.isLoss(verdict));
        return isLoss ? Verdict.reason(verdict) : null;
    }

    private @Nullable String next(String place, int verdict) {
        if (Verdict.isForward(verdict)) {
            return names.exit(place, Verdict.argument(verdict));
        }
        return Verdict.isAnswer(verdict) ? names.exit(place, Verdict.answerExit(verdict)) : null;
    }
}
