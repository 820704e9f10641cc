package dev.peregrine.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import org.junit.jupiter.api.Test;

class GenTest {
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final int MTU = 1450;

    @Test
    void aSeedRepeatsEverything() {
        Gen first = new Gen(new Seed(42));
        Gen second = new Gen(new Seed(42));
        for (int i = 0; i < 1000; i++) {
            byte[] frame = first.frame(B, A, MTU);
            assertArrayEquals(frame, second.frame(B, A, MTU));
            assertArrayEquals(first.damaged(frame), second.damaged(frame));
            assertArrayEquals(first.garbage(100), second.garbage(100));
        }
    }

    @Test
    void framesAreWellFormedAndFitTheMtu() {
        Gen gen = Gen.ofThisRun();
        try (PacketPool pool = new PacketPool(1, 1)) {
            for (int i = 0; i < 2000; i++) {
                byte[] frame = gen.frame(B, A, MTU);
                Packet packet = Packets.frame(pool, frame);
                assertTrue(frame.length <= 14 + MTU, gen::toString);
                assertTrue(packet.getMac(0) == B && packet.getMac(6) == A, gen::toString);
                boolean isCovered = TransportChecksum.csumOffset(packet) >= 0;
                assertTrue(!isCovered || TransportChecksum.verify(packet), gen::toString);
                pool.release(packet);
            }
        }
    }
}
