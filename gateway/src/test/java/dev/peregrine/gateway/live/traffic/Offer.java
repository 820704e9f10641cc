package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.gateway.live.lab.Scene;
import dev.peregrine.testkit.live.Lab;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Frames that container B of a {@link Scene} sends through its gateway, and where they went: to container A, or into
 * the gateway's ledger. They are for addresses that container A has not, so that it answers none.
 */
public final class Offer implements AutoCloseable {
    /** Looks at a counter that stays the same: then nothing is on its way. */
    private static final int QUIET_LOOKS = 10;

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String NOBODY = "198.19.0.77";
    private static final long MAC_A = 0x0200_0000_0001L;
    private static final long MAC_B = 0x0200_0000_0002L;
    private static final long EVERYBODY = 0xffff_ffff_ffffL;

    /** Headers of Ethernet, IPv4 and UDP. */
    private static final int HEADERS = 42;

    /** Frames that a TAP device holds for a late worker without loss. */
    private static final int CHUNK = 500;

    private final Scene scene;
    private final FrameSocket socket;
    private final Map<String, Long> dropsBefore;
    private final long arrivedBefore;
    private final long takenBefore;
    private long sent;

    private Offer(Scene scene) {
        this.scene = scene;
        socket = FrameSocket.open(scene.lab().cB(), "eth0");
        dropsBefore = scene.gateway().drops();
        arrivedBefore = inContainerA();
        takenBefore = takenByGateway();
    }

    public static Offer open(Scene scene) {
        // With these the containers' kernels send nothing by themselves.
        scene.lab().cA().ip("neigh replace %s lladdr %s dev eth0".formatted(Lab.INNER_B, Lab.MAC_B));
        scene.lab().cB().ip("neigh replace %s lladdr %s dev eth0".formatted(Lab.INNER_A, Lab.MAC_A));
        return new Offer(scene);
    }

    /** Returns when a frame for everybody has arrived: then the gateway's host has found the VTEP that is on. */
    public static void warmUp(Scene scene) {
        try (Offer first = new Offer(scene)) {
            first.send(broadcast(0, 100));
            Await.until(LIMIT, "a first frame arrived", () -> first.arrived() > 0, first::toString);
            long[] seen = new long[2]; // frames, and in how many looks
            Await.until(
                    LIMIT,
                    "what container B announces by itself has arrived, too",
                    () -> {
                        long arrived = first.arrived();
                        seen[1] = arrived == seen[0] ? seen[1] + 1 : 0;
                        seen[0] = arrived;
                        return seen[1] >= QUIET_LOOKS;
                    },
                    first::toString);
        }
    }

    /** A frame for container A's MAC address, of a length from Ethernet header to end. */
    public static byte[] unicast(int flow, int length) {
        return frame(MAC_A, NOBODY, flow, length);
    }

    /** A frame for everybody. */
    public static byte[] broadcast(int flow, int length) {
        return frame(EVERYBODY, "255.255.255.255", flow, length);
    }

    private static byte[] frame(long destination, String address, int flow, int length) {
        return FrameBuilder.udp4()
                .macs(destination, MAC_B)
                .addresses(Lab.INNER_B, address)
                .ports(10_000 + flow, 7600)
                .payload(length - HEADERS)
                .build();
    }

    /** Sends a frame. */
    public void send(byte[] frame) {
        socket.send(frame);
        if (++sent % CHUNK == 0) {
            awaitTaken();
        }
    }

    private void awaitTaken() {
        Await.until(LIMIT, "the gateway took what was sent", () -> taken() >= sent, () -> taken() + " of " + sent);
    }

    private long taken() {
        return takenByGateway() - takenBefore;
    }

    private long takenByGateway() {
        return scene.gateway().port("web").path("rxPackets").asLong();
    }

    /** Waits for the next of {@code perSecond} moments of sending, {@code number} of them after {@code startNanos}. */
    public static void pace(long startNanos, long number, int perSecond) {
        long due = startNanos + number * TimeUnit.SECONDS.toNanos(1) / perSecond;
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
            LockSupport.parkNanos(due - now);
        }
    }

    public long sent() {
        return sent;
    }

    /** Frames that arrived in container A since this was opened. */
    public long arrived() {
        return inContainerA() - arrivedBefore;
    }

    private long inContainerA() {
        return Long.parseLong(scene.lab()
                .cA()
                .output("cat", "/sys/class/net/eth0/statistics/rx_packets")
                .strip());
    }

    /** The gateway's drops by reason since this was opened. */
    public Map<String, Long> drops() {
        return scene.gateway().allDropsSince(dropsBefore);
    }

    /**
     * Every frame that was sent arrived or is in the ledger, once the underlay's queues have been emptied, and no more.
     */
    public void assertComplete() {
        awaitTaken();
        assertEquals(sent, taken(), "container B sent by itself");
        Await.until(LIMIT, "every frame is accounted for", () -> explained() >= sent, this::toString);
        assertEquals(sent, explained(), this::toString);
    }

    private long explained() {
        return arrived() + drops().values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() {
        socket.close();
    }

    @Override
    public String toString() {
        return "sent %d, arrived %d, drops %s".formatted(sent, arrived(), drops());
    }
}
