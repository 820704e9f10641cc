package dev.peregrine.controlplane.gobgp;

import dev.peregrine.controlplane.http.Texts;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings {@link OwnRoutes} to gobgpd, one path a request: of several in one message gobgpd takes none where it refuses
 * one. One thread.
 */
final class Publisher {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    /** After a refusal, and where somebody else changes routes of ours: he would change them back for ever. */
    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    /** As gobgpd says it where a sequence is lower than that of another route of the MAC address. */
    private static final String LOW_SEQUENCE = "MAC mobility sequence";

    private final String plane;
    private final Api api;
    private final OwnRoutes own;
    /** MAC addresses, by VNI, for which gobgpd insists on a higher sequence. */
    private final Map<Long, Set<Integer>> low = new HashMap<>();

    private boolean isPausing;
    private long dueAt;
    private String problem = "";

    Publisher(String plane, Api api, OwnRoutes own) {
        this.plane = plane;
        this.api = api;
        this.own = own;
    }

    /** Why something cannot be announced; empty where all is well. */
    String problem() {
        return problem;
    }

    /** Whether there is something to be done now. */
    boolean isDue() {
        return own.next() != null;
    }

    /** When {@link #work} has something to do that waits, or far off. */
    long dueAt(long far) {
        return isPausing ? dueAt : far;
    }

    /** Does what is due, at most {@code max} requests of it. */
    void work(long now, int max) {
        if (!isPausing && own.isLater()) {
            isPausing = true;
            dueAt = now + PAUSE_NANOS;
        }
        if (isPausing && now - dueAt >= 0) {
            isPausing = false;
            problem = "";
            raise();
            own.again();
        }
        for (int i = 0; i < max; i++) {
            Route.Key key = own.next();
            if (key == null) {
                return;
            }
            bring(key);
        }
    }

    private void bring(Route.Key key) {
        Route route = own.wanted(key);
        try {
            if (route == null) {
                api.delete(RouteWriter.withdrawal(key));
            } else {
                api.add(RouteWriter.path(route));
            }
            own.done(key);
        } catch (StatusRuntimeException e) {
            Status status = e.getStatus();
            switch (status.getCode()) {
                case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> throw e;
                default -> refused(key, route == null ? 0 : vni(route), String.valueOf(status.getDescription()));
            }
        }
    }

    private static int vni(Route route) {
        return route.targets().iterator().next().vni();
    }

    private void refused(Route.Key key, int vni, String why) {
        own.failed(key);
        if (why.contains(LOW_SEQUENCE) && key instanceof Route.MacKey mac) {
            low.computeIfAbsent(mac.mac(), any -> new HashSet<>()).add(vni);
            return; // the next try has a sequence that will do
        }
        String line = Texts.line(why, 200);
        if (problem.isEmpty()) {
            log.warn("plane {}: gobgpd refuses route {}: {}", plane, key, line);
        }
        problem = "not all can be announced: " + line;
    }

    /**
     * gobgpd before 3.28 compares a MAC address over all VNIs, also those that are not here, so that all paths are
     * looked through: once for all MAC addresses that were refused since the last time.
     */
    private void raise() {
        if (low.isEmpty()) {
            return;
        }
        Map<Long, Integer> highest = new HashMap<>();
        api.paths(path -> {
            try {
                Route.Key key = RouteReader.key(path);
                if (key instanceof Route.MacKey mac && low.containsKey(mac.mac())) {
                    int sequence = RouteReader.read(key, path).sequence();
                    highest.merge(mac.mac(), sequence, (a, b) -> Integer.compareUnsigned(a, b) > 0 ? a : b);
                }
            } catch (BadRoute e) {
                log.debug("plane {}: {}", plane, e.getMessage()); // the table has reported it
            }
        });
        low.forEach((mac, vnis) -> {
            int sequence = highest.getOrDefault(mac, 0) + 1;
            vnis.forEach(vni -> own.raise(vni, mac, sequence));
        });
        low.clear();
    }
}
