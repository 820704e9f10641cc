package dev.peregrine.dataplane.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PacketRingTest {
    private final PacketPool pool = new PacketPool(64, 64);
    private final PacketRing ring = new PacketRing(40);
    private final Batch taken = new Batch();
    private int number;

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void holdsAPowerOfTwo() {
        assertEquals(64, ring.capacity());
        assertEquals(1, new PacketRing(1).capacity());
        assertEquals(2, new PacketRing(2).capacity());
        assertThrows(IllegalArgumentException.class, () -> new PacketRing(0));
    }

    @Test
    void givesInOrderAcrossItsEnd() {
        int next = 0;
        for (int round = 0; round < 50; round++) {
            Batch batch = batch(30);
            assertEquals(30, ring.room(30));
            ring.give(batch, 0, 30);
            batch.clear();
            assertEquals(30, ring.size());
            assertEquals(30, ring.take(taken));
            for (int i = 0; i < 30; i++) {
                assertEquals(next++, taken.packet(i).flowHash());
                assertEquals(Verdict.UNSET, taken.verdict(i));
            }
            assertTrue(ring.isEmpty());
            taken.release();
        }
    }

    @Test
    void hasNoRoomForMoreThanItHolds() {
        Batch batch = batch(64);
        ring.give(batch, 0, 60);
        assertEquals(4, ring.room(10));
        assertTrue(ring.give(batch.packet(60)));
        assertEquals(3, ring.room(10));
        ring.give(batch, 0, 3);
        assertEquals(0, ring.room(1));
        assertFalse(ring.give(batch.packet(0)));
        assertEquals(64, ring.take(taken));
        assertEquals(10, ring.room(10));
        batch.release();
    }

    @Test
    void fillsUpABatchThatHasSome() {
        Batch batch = batch(20);
        ring.give(batch, 0, 20);
        taken.add(batch.packet(0));
        for (int i = 1; i < 60; i++) {
            taken.add(batch.packet(0));
        }
        assertEquals(4, ring.take(taken));
        assertTrue(taken.isFull());
        assertEquals(0, ring.take(taken));
        taken.clear();
        assertEquals(16, ring.take(taken));
        batch.release();
    }

    /** Batches of all sizes: each packet once, in order, with what was written before it was given. */
    @Test
    @Timeout(60)
    void nothingIsLostBetweenTwoThreads() throws InterruptedException {
        int packets = 200_000;
        Packet[] all = new Packet[64];
        for (int i = 0; i < all.length; i++) {
            all[i] = Objects.requireNonNull(pool.acquire());
        }
        PacketRing back = new PacketRing(64);
        Thread giver = Thread.ofPlatform().start(() -> give(all, back, packets));
        int next = 0;
        while (next < packets) {
            int count = ring.take(taken);
            for (int i = 0; i < count; i++) {
                assertEquals(next++, taken.packet(i).flowHash());
            }
            if (count > 0) {
                back.give(taken, 0, count);
                taken.clear();
            }
        }
        giver.join();
    }

    private void give(Packet[] all, PacketRing back, int packets) {
        Batch free = new Batch();
        Batch batch = new Batch();
        for (Packet packet : all) {
            back.give(packet);
        }
        int sent = 0;
        while (sent < packets) {
            back.take(free);
            int count = Math.min(Math.min(free.size(), packets - sent), ring.room(1 + sent % 64));
            for (int i = 0; i < count; i++) {
                batch.add(free.packet(i).flowHash(sent++));
            }
            ring.give(batch, 0, count);
            batch.clear();
            for (int i = count; i < free.size(); i++) {
                batch.add(free.packet(i));
            }
            free.clear();
            for (int i = 0; i < batch.size(); i++) {
                free.add(batch.packet(i));
            }
            batch.clear();
        }
    }

    private Batch batch(int packets) {
        Batch batch = new Batch();
        for (int i = 0; i < packets; i++) {
            batch.add(Objects.requireNonNull(pool.acquire()).flowHash(number++));
        }
        return batch;
    }
}
