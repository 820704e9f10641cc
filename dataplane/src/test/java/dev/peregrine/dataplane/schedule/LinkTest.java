package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LinkTest {
    private static final int CAPACITY = 128;
    private static final int ENTRY = 7;

    private final PacketPool pool = new PacketPool(0, 2, 256, 256);
    private final DropCounters drops = new DropCounters();
    private final Doorbell doorbell = new Doorbell();
    private final Link link = new Link(1, doorbell, CAPACITY);
    private final List<String> raises = new ArrayList<>();
    private int number;

    @AfterEach
    void close() {
        pool.takeReturns();
        assertTrue(pool.isFull());
        pool.close();
    }

    @Test
    void handsABatchOverInOrder() {
        link.give(batch(5), ENTRY, drops);
        assertEquals(5, link.depth());
        Batch taken = new Batch();
        assertEquals(5, link.poll(taken));
        for (int i = 0; i < 5; i++) {
            assertEquals(i, taken.packet(i).flowHash());
            assertEquals(1, taken.packet(i).holder());
            assertEquals(ENTRY, taken.packet(i).entry());
        }
        assertEquals(5, link.handOffs());
        assertFalse(link.isReady());
        taken.release();
    }

    @Test
    void givesWhatSeveralBatchesBroughtAsOne() {
        link.give(batch(40), ENTRY, drops);
        link.give(batch(40), ENTRY, drops);
        Batch taken = new Batch();
        assertEquals(64, link.poll(taken));
        assertTrue(link.isReady());
        taken.release();
        assertEquals(16, link.poll(taken));
        taken.release();
    }

    @Test
    void countsWhatDoesNotFitAndFreesItAtOnce() {
        for (int i = 0; i < 3; i++) {
            link.give(batch(50), ENTRY, drops);
        }
        assertEquals(150 - CAPACITY, drops.count(DropReason.LINK_FULL));
        assertEquals(256 - CAPACITY, pool.available(), "what was dropped never left its owner");
        releaseAll();
    }

    @Test
    void packetsReturnToTheirOwnersPool() {
        link.give(batch(10), ENTRY, drops);
        releaseAll();
        assertFalse(pool.isFull(), "only the owner takes back");
        assertEquals(10, pool.takeReturns());
        assertTrue(pool.isFull());
    }

    @Test
    void raisesASleepingConsumerOnce() {
        doorbell.raise(() -> raises.add("raise"));
        link.give(batch(1), ENTRY, drops);
        link.give(batch(1), ENTRY, drops);
        assertEquals(1, raises.size());
        releaseAll();
        doorbell.prepareToSleep();
        link.give(batch(1), ENTRY, drops);
        assertEquals(2, raises.size());
        releaseAll();
    }

    @Test
    void raisesNobodyWhoRuns() {
        doorbell.raise(() -> raises.add("raise"));
        doorbell.markAwake();
        link.give(batch(1), ENTRY, drops);
        assertEquals(List.of(), raises);
        releaseAll();
    }

    @Test
    void aWorkerThatWantsToSleepSeesWhatCameMeanwhile() {
        Worker worker = new Worker(1, () -> 0);
        WorkerGroup group = new WorkerGroup(List.of(new Worker(0, () -> 0), worker), CAPACITY);
        List<Packet> seen = new ArrayList<>();
        worker.inner(Map.of(group.link(0, 1), taken -> {
            seen.add(taken.packet(0));
            taken.release();
        }));
        assertTrue(worker.prepareToSleep());
        group.link(0, 1).give(batch(1), ENTRY, drops);
        assertFalse(worker.prepareToSleep(), "a packet is there");
        assertEquals(1, worker.run(64));
        assertEquals(1, seen.size());
        assertTrue(worker.prepareToSleep());
        assertEquals(1, group.handOffs(0));
    }

    /** Two threads, the consumer asleep whenever it can be: every packet arrives, in order. */
    @Test
    @Timeout(60)
    void noPacketSleepsBetweenTwoThreads() throws InterruptedException {
        int rounds = 20_000;
        Worker consumer = new Worker(1, System::nanoTime);
        WorkerGroup group = new WorkerGroup(List.of(new Worker(0, System::nanoTime), consumer), CAPACITY);
        List<Integer> seen = new ArrayList<>();
        consumer.inner(Map.of(group.link(0, 1), taken -> {
            for (int i = 0; i < taken.size(); i++) {
                seen.add(taken.packet(i).flowHash());
            }
            taken.release();
        }));
        Semaphore raised = new Semaphore(0);
        consumer.raisedBy(raised::release);
        AtomicBoolean failed = new AtomicBoolean();
        Thread thread = new Thread(() -> {
            while (seen.size() < rounds) {
                consumer.run(64);
                if (consumer.prepareToSleep() && seen.size() < rounds) {
                    raised.acquireUninterruptibly();
                }
            }
        });
        thread.setUncaughtExceptionHandler((who, failure) -> failed.set(true));
        thread.start();
        for (int sent = 0; sent < rounds; ) {
            pool.takeReturns();
            Packet packet = pool.acquire();
            if (packet != null && group.link(0, 1).depth() < CAPACITY) {
                Batch batch = new Batch();
                batch.add(packet.flowHash(sent++));
                group.link(0, 1).give(batch, ENTRY, drops);
            } else if (packet != null) {
                pool.release(packet);
            }
        }
        thread.join();
        assertFalse(failed.get());
        assertEquals(0, drops.total());
        for (int i = 0; i < rounds; i++) {
            assertEquals(i, seen.get(i));
        }
    }

    @Test
    void viewsThatWereLentComeHomeUsedOrNot() {
        Packet packet = Objects.requireNonNull(pool.acquire()).put(100);
        pool.lend(packet, 3);
        assertEquals(252, pool.availablePackets());
        Batch batch = new Batch();
        batch.add(packet);
        link.give(batch, ENTRY, drops);
        Batch taken = new Batch();
        link.poll(taken);
        assertSame(packet, taken.packet(0));
        Packet view = Objects.requireNonNull(packet.pool().share(packet));
        assertEquals(1, view.holder());
        view.pool().release(view);
        taken.release();
        assertEquals(2, pool.takeReturns());
        assertTrue(pool.isFull());
    }

    @Test
    void ticketsTellWhenAllPacketsHaveSettled() {
        Batch batch = batch(2);
        pool.issue(batch.packet(0), 5);
        pool.issue(batch.packet(1), 5);
        link.give(batch, ENTRY, drops);
        Batch taken = new Batch();
        link.poll(taken);
        assertEquals(2, pool.outstanding(5));
        taken.release();
        assertEquals(2, pool.outstanding(5), "not before they are home");
        pool.takeReturns();
        assertEquals(0, pool.outstanding(5));
    }

    private Batch batch(int packets) {
        Batch batch = new Batch();
        for (int i = 0; i < packets; i++) {
            batch.add(Objects.requireNonNull(pool.acquire()).flowHash(number++));
        }
        return batch;
    }

    private void releaseAll() {
        Batch taken = new Batch();
        while (link.poll(taken) > 0) {
            taken.release();
        }
    }
}
