package dev.peregrine.dataplane.packet;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The values that the taker of a {@link PacketRing} can see. */
public class PacketRingStress {
    private static final PacketPool POOL = new PacketPool(1, 1);
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[1]);

    /** A packet's fields about itself: plain fields, written before it was given. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Nothing has come yet.")
    @Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "It came with all that was written.")
    @Outcome(expect = FORBIDDEN, desc = "It came without what was written before.")
    @State
    public static class PacketsArriveWhole {
        private final PacketRing ring = new PacketRing(2);
        private final Packet packet = new Packet(POOL, NOTHING);

        @Actor
        public void giver() {
            packet.flowHash(7);
            ring.give(packet);
        }

        @Actor
        public void taker(II_Result result) {
            Batch batch = new Batch();
            result.r1 = ring.take(batch);
            result.r2 = result.r1 == 0 ? 0 : batch.packet(0).flowHash();
        }
    }

    /** A batch comes whole or not at all, and its slots are free only when it has been taken. */
    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Not yet; so there is no room.")
    @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "It came, and room was asked for before.")
    @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "It came, and there is room again.")
    @Outcome(expect = FORBIDDEN, desc = "A part of a batch, or room that is not there.")
    @State
    public static class BatchesComeWhole {
        private final PacketRing ring = new PacketRing(2);
        private final Batch given = new Batch();

        public BatchesComeWhole() {
            given.add(new Packet(POOL, NOTHING));
            given.add(new Packet(POOL, NOTHING));
        }

        @Actor
        public void giver(II_Result result) {
            ring.give(given, 0, 2);
            result.r2 = ring.room(2);
        }

        @Actor
        public void taker(II_Result result) {
            Batch batch = new Batch();
            result.r1 = ring.take(batch);
        }
    }
}
