package dev.peregrine.bench.falcon.model;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Link;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import java.util.List;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/** The path of a pool's packets from the worker that owns them, the giver, to another, the taker, and back. */
public interface Passage {
    /** The worker that owns the pool. */
    int GIVER = 0;

    /** The other. */
    int TAKER = 1;

    /** Hands all packets of the batch over, which is empty on return; called by the giver. */
    void give(Batch batch);

    /**
     * Takes the packets that have come into the empty batch and returns them to their owner; called by the taker.
     * Returns their number.
     */
    int take(Batch batch);

    /** Puts returned packets back into the pool; called by the giver. */
    void collect();

    /** The gateway's own: a link, and the pool's rings for returns. */
    final class OverLink implements Passage {
        private final PacketPool pool;
        private final DropCounters drops = new DropCounters();
        private final Link link;

        /** A passage for packets of this pool. */
        public OverLink(PacketPool pool) {
            this.pool = pool;
            WorkerGroup group = new WorkerGroup(
                    List.of(new Worker(GIVER, System::nanoTime), new Worker(TAKER, System::nanoTime)),
                    WorkerGroup.DEFAULT_LINK_CAPACITY);
            // A running worker costs its producers no wake-up.
            group.workers().forEach(worker -> worker.run(0));
            link = group.link(GIVER, TAKER);
        }

        @Override
        public void give(Batch batch) {
            link.give(batch, 0, drops);
        }

        @Override
        public int take(Batch batch) {
            int packets = link.poll(batch);
            batch.release();
            return packets;
        }

        @Override
        public void collect() {
            pool.takeReturns();
        }
    }

    /**
     * Two queues of JCTools, into which packets go one by one. There is no doorbell to look at, and the taker knows
     * whose packets they are without looking.
     */
    final class OverQueues implements Passage {
        private final PacketPool pool;
        private final SpscVarHandleArrayQueue<Packet> there;
        private final SpscVarHandleArrayQueue<Packet> home;

        /** A passage for packets of this pool. */
        public OverQueues(PacketPool pool) {
            this.pool = pool;
            there = new SpscVarHandleArrayQueue<>(WorkerGroup.DEFAULT_LINK_CAPACITY);
            home = new SpscVarHandleArrayQueue<>(pool.capacity());
        }

        @Override
        public void give(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                packet.handTo(TAKER, 0);
                offer(there, packet);
            }
            batch.clear();
        }

        @Override
        public int take(Batch batch) {
            while (!batch.isFull()) {
                @Nullable Packet packet = there.relaxedPoll();
                if (packet == null) {
                    break;
                }
                batch.add(packet);
            }
            int packets = batch.size();
            for (int i = 0; i < packets; i++) {
                offer(home, batch.packet(i));
            }
            batch.clear();
            return packets;
        }

        @Override
        public void collect() {
            for (Packet packet = home.relaxedPoll(); packet != null; packet = home.relaxedPoll()) {
                packet.handTo(GIVER, 0);
                pool.release(packet);
            }
        }

        private static void offer(SpscVarHandleArrayQueue<Packet> queue, Packet packet) {
            if (!queue.offer(packet)) {
                throw new IllegalStateException("a queue is smaller than the pool");
            }
        }
    }
}
