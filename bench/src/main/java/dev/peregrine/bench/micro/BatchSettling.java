package dev.peregrine.bench.micro;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The time that a node needs to act on the verdicts on a full batch, buffers taken and released included; per packet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Batch.CAPACITY)
public class BatchSettling {
    /** The verdicts of the stage. */
    public enum Verdicts {
        /** All leave by one exit: the batch is passed on as it is. */
        ONE_EXIT,
        /** Every other one leaves by another exit: the worst case of sorting. */
        TWO_EXITS,
        /** All are dropped. */
        DROPPED
    }

    /** Which verdicts. */
    @Param
    public Verdicts verdicts = Verdicts.ONE_EXIT;

    private final PacketPool pool = new PacketPool(Batch.CAPACITY, Batch.CAPACITY);
    private final DropCounters drops = new DropCounters();
    private final Batch batch = new Batch();
    private Sink node = any -> {};

    /** Makes the node. */
    @Setup
    public void prepare() {
        Sink end = Batch::release;
        node = new Node(new Deciding(verdicts), new Sink[] {end, end}, null, pool, drops, (stage, fault) -> {
            throw new AssertionError(fault);
        });
    }

    private record Deciding(Verdicts verdicts) implements Stage {
        @Override
        public String name() {
            return "deciding";
        }

        @Override
        public void process(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                batch.verdict(
                        i,
                        switch (verdicts) {
                            case ONE_EXIT -> Verdict.forward(0);
                            case TWO_EXITS -> Verdict.forward(i & 1);
                            case DROPPED -> Verdict.drop(DropReason.MTU_EXCEEDED);
                        });
            }
        }
    }

    /** A batch from the pool, through a node, to the pool. */
    @Benchmark
    public void settle() {
        for (int i = 0; i < Batch.CAPACITY; i++) {
            Packet packet = pool.acquire();
            if (packet != null) {
                batch.add(packet);
            }
        }
        node.accept(batch);
    }

    /** Frees the buffers. */
    @TearDown
    public void close() {
        pool.close();
    }
}
