package dev.peregrine.dataplane.schedule;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.PacketRing;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The view that a producer and a worker that goes to sleep have of each other: the protocol of {@link Doorbell}. */
public class DoorbellStress {
    private static final Packet PACKET = Objects.requireNonNull(new PacketPool(1, 1).acquire());

    /** A worker about to sleep, and a producer that has something for it. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The worker saw it and stays awake.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The producer raised the worker.")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "Nobody noticed: the packet sleeps.")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "Raised though awake: a needless wake-up.")
    @State
    public static class NoPacketSleeps {
        private final PacketRing queue = new PacketRing(4);
        private final Doorbell doorbell = new Doorbell();
        private int raised;

        public NoPacketSleeps() {
            doorbell.raise(() -> raised++);
            doorbell.markAwake();
        }

        @Actor
        public void producer() {
            queue.give(PACKET);
            doorbell.ring();
        }

        @Actor
        public void worker(II_Result result) {
            doorbell.prepareToSleep();
            result.r1 = !queue.isEmpty() && doorbell.stayAwake() ? 1 : 0;
        }

        @Arbiter
        public void arbiter(II_Result result) {
            result.r2 = raised;
        }
    }

    /** Two producers and a sleeping worker. */
    @JCStressTest
    @Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "Both packets are there, and one raised the worker.")
    @Outcome(expect = FORBIDDEN, desc = "Raised twice or not at all.")
    @State
    public static class OneRaises {
        private final PacketRing first = new PacketRing(4);
        private final PacketRing second = new PacketRing(4);
        private final Doorbell doorbell = new Doorbell();
        private int raised;

        public OneRaises() {
            doorbell.raise(() -> raised++);
        }

        @Actor
        public void producer() {
            first.give(PACKET);
            doorbell.ring();
        }

        @Actor
        public void other() {
            second.give(PACKET);
            doorbell.ring();
        }

        @Arbiter
        public void arbiter(II_Result result) {
            result.r1 = first.size() + second.size();
            result.r2 = raised;
        }
    }
}
