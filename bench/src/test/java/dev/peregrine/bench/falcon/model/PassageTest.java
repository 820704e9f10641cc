package dev.peregrine.bench.falcon.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PassageTest {
    private static final int BUFFERS = 100;

    @Test
    void linkBringsAllPacketsThereAndHome() {
        bringsAllPacketsThereAndHome(Passage.OverLink::new);
    }

    @Test
    void queuesBringAllPacketsThereAndHome() {
        bringsAllPacketsThereAndHome(Passage.OverQueues::new);
    }

    /** Twice, so that packets are used again. */
    private static void bringsAllPacketsThereAndHome(Function<PacketPool, Passage> maker) {
        try (PacketPool pool = new PacketPool(Passage.GIVER, 2, BUFFERS, BUFFERS)) {
            Passage passage = maker.apply(pool);
            Batch batch = new Batch();
            for (int round = 0; round < 2; round++) {
                give(passage, pool, batch, Batch.CAPACITY);
                give(passage, pool, batch, BUFFERS - Batch.CAPACITY);
                assertEquals(0, pool.available());
                assertEquals(Batch.CAPACITY, passage.take(batch));
                assertEquals(BUFFERS - Batch.CAPACITY, passage.take(batch));
                assertEquals(0, passage.take(batch));
                assertFalse(pool.isFull());
                passage.collect();
                assertTrue(pool.isFull());
            }
        }
    }

    private static void give(Passage passage, PacketPool pool, Batch batch, int packets) {
        for (int i = 0; i < packets; i++) {
            Packet packet = pool.acquire();
            assertNotNull(packet);
            batch.add(packet);
        }
        passage.give(batch);
        assertTrue(batch.isEmpty());
    }
}
