package dev.peregrine.bench.micro;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.schedule.Link;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A batch over a link and back, both sides on one thread, per batch: the instructions of a hand-off without the cache
 * lines that travel between cores. Those are in {@code peregrine bench handoff}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LinkHandOff {
    /** Packets in the batch. */
    @Param({"1", "8", "32", "64"})
    public int size = 1;

    private final PacketPool pool = new PacketPool(0, 2, Batch.CAPACITY, Batch.CAPACITY);
    private final DropCounters drops = new DropCounters();
    private final Link link = link();
    private final Batch given = new Batch();
    private final Batch taken = new Batch();

    private static Link link() {
        WorkerGroup group = new WorkerGroup(
                List.of(new Worker(0, System::nanoTime), new Worker(1, System::nanoTime)),
                WorkerGroup.DEFAULT_LINK_CAPACITY);
        // A running worker costs its producers no wake-up.
        group.workers().forEach(worker -> worker.run(0));
        return group.link(0, 1);
    }

    /** Give, take, release, take home. */
    @Benchmark
    public int thereAndBack() {
        for (int i = 0; i < size; i++) {
            Packet packet = pool.acquire();
            if (packet != null) {
                given.add(packet);
            }
        }
        link.give(given, 0, drops);
        link.poll(taken);
        taken.release();
        return pool.takeReturns();
    }

    /** Frees the buffers. */
    @TearDown
    public void close() {
        pool.close();
    }
}
