package dev.peregrine.dataplane.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropCounters.Sample;
import dev.peregrine.dataplane.testing.Packets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DropCountersTest {
    private final PacketPool pool = new PacketPool(4, 8);
    private final DropCounters drops = new DropCounters();

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "dropped packets went home");
        pool.close();
    }

    private Packet packet(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte) (first + i);
        return Packets.of(pool, bytes);
    }

    @Test
    void theFirstPacketOfEachReasonIsKeptUntilItIsTaken() {
        assertNull(drops.take(DropReason.SAME_PORT));
        drops.drop(packet(0, 60).segment(2).inPort(3).outPort(4), DropReason.SAME_PORT);
        drops.drop(packet(9, 60).segment(7), DropReason.SAME_PORT);
        drops.drop(packet(9, 23).inPort(5), DropReason.PORT_DOWN);
        assertEquals(2, drops.count(DropReason.SAME_PORT));
        assertEquals(
                new Sample(2, 3, 4, 0x0001020304050607L, 0x08090a0b0c0d0e0fL, 0x1011121314151617L, 0),
                drops.take(DropReason.SAME_PORT));
        assertNull(drops.take(DropReason.SAME_PORT), "the second one was not kept");
        assertEquals(
                new Sample(-1, 5, Packet.NO_PORT, 0, 0, 0, 0),
                drops.take(DropReason.PORT_DOWN),
                "of a short head no byte");
        drops.drop(packet(0, 60).segment(8), DropReason.SAME_PORT);
        Sample next = drops.take(DropReason.SAME_PORT);
        assertNotNull(next);
        assertEquals(8, next.segment());
    }

    @Test
    void anErrorOfTheKernelIsKeptWithThePortAlone() {
        drops.note(DropReason.UNDERLAY_REFUSED, Ports.tunnel(1), 13);
        assertEquals(
                new Sample(-1, Packet.NO_PORT, Ports.tunnel(1), 0, 0, 0, 13), drops.take(DropReason.UNDERLAY_REFUSED));
        assertEquals(0, drops.total(), "it is not counted twice");
    }

    @Test
    void aBatchIsCountedAndReleased() {
        Batch batch = new Batch();
        batch.add(packet(0, 60).segment(1));
        batch.add(packet(0, 60).segment(2));
        drops.drop(batch, DropReason.UNDERLAY_DOWN);
        drops.drop(batch, DropReason.UNDERLAY_DOWN);
        assertTrue(batch.isEmpty());
        assertEquals(2, drops.count(DropReason.UNDERLAY_DOWN));
        Sample sample = drops.take(DropReason.UNDERLAY_DOWN);
        assertNotNull(sample);
        assertEquals(1, sample.segment());
    }

    /** Each sample is of one packet, however the two threads meet. */
    @Test
    @Timeout(60)
    void aReaderNeverSeesAMixture() throws InterruptedException {
        AtomicBoolean enough = new AtomicBoolean();
        Thread owner = new Thread(() -> {
            Packet packet = packet(0, 60);
            for (int i = 0; !enough.get(); i = (i + 1) & 0xffff) {
                drops.lose(packet.segment(i).inPort(i).outPort(i), DropReason.RATE_LIMIT, 1, i);
            }
            pool.release(packet);
        });
        owner.start();
        for (int taken = 0; taken < 10_000; ) {
            Sample sample = drops.take(DropReason.RATE_LIMIT);
            if (sample == null) continue;
            taken++;
            int number = sample.segment();
            assertEquals(
                    new Sample(number, number, number, sample.first(), sample.second(), sample.third(), number),
                    sample);
        }
        enough.set(true);
        owner.join();
    }
}
