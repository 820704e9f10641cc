package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.live.lab.Scene;
import java.time.Duration;
import java.util.Map;

/**
 * Where the datagrams went that one container of a {@link Scene} sent to the other: to the application, or into a
 * counter that says why not. Opened before the traffic.
 */
final class UdpAccount {
    /**
     * Datagrams that may go unexplained: those that wait in the receiving socket when the application ends, as many as
     * its default buffer holds of the smallest.
     */
    private static final long UNREAD_LIMIT = 400;

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Scene scene;
    private final Namespace from;
    private final Namespace to;
    private final UdpCounters fromBefore;
    private final UdpCounters toBefore;
    private final long deviceDropsBefore;
    private final Map<String, Long> dropsBefore;
    private long sent;
    private long received;
    private long refused;
    private long deviceDrops;
    private Map<String, Long> drops = Map.of();

    private UdpAccount(Scene scene, boolean reverse) {
        this.scene = scene;
        from = reverse ? scene.lab().cB() : scene.lab().cA();
        to = reverse ? scene.lab().cA() : scene.lab().cB();
        fromBefore = UdpCounters.of(from);
        toBefore = UdpCounters.of(to);
        deviceDropsBefore = DeviceDrops.of(scene.lab());
        dropsBefore = scene.gateway().drops();
    }

    /** @param reverse from container B to container A */
    static UdpAccount open(Scene scene, boolean reverse) {
        return new UdpAccount(scene, reverse);
    }

    /** Once queues have been emptied. */
    void assertComplete() {
        Await.until(LIMIT, "every datagram is accounted for", this::isComplete, this::toString);
        assertTrue(received > 0, this::toString);
    }

    private boolean isComplete() {
        drops = scene.gateway().allDropsSince(dropsBefore);
        deviceDrops = DeviceDrops.of(scene.lab()) - deviceDropsBefore;
        sent = UdpCounters.of(from).since(fromBefore).sent();
        UdpCounters arrived = UdpCounters.of(to).since(toBefore);
        received = arrived.received();
        refused = arrived.refused();
        long explained = refused + deviceDrops;
        for (long count : drops.values()) explained += count;
        return sent - received - explained <= UNREAD_LIMIT;
    }

    @Override
    public String toString() {
        return "sent %d, received %d, refused by the socket %d, dropped by devices %d, by the gateway %s"
                .formatted(sent, received, refused, deviceDrops, drops);
    }
}
