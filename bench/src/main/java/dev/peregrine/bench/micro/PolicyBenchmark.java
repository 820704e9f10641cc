package dev.peregrine.bench.micro;

import dev.peregrine.bench.chain.Devices;
import dev.peregrine.bench.policy.RuleSets;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.stage.Stage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The cost of a packet that has to meet rules, from its headers to its verdict: the port's policy stage as it is. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PolicyBenchmark {
    private static final int BATCHES = 16;

    /** Number of rules. */
    @Param({"100", "1000", "10000"})
    @SuppressWarnings("NullAway.Init") // JMH sets it
    public int rules;

    private final PacketPool pool = new PacketPool(BATCHES * Batch.CAPACITY, BATCHES * Batch.CAPACITY);
    private final Batch[] batches = new Batch[BATCHES];
    private final Devices devices = new Devices(1);
    private final Stage stage =
            devices.policy().out(0, devices.virtual().ports().getFirst());
    private int next;

    /** Makes the rules, and packets that are aimed at their hosts. */
    @Setup
    public void prepare() {
        Policy policy = devices.policy();
        List<Rule> list = RuleSets.of(rules, 1);
        RuleList compiled = RuleList.of(list, false, policy.workers(), null, System.nanoTime());
        policy.publish(PolicySnapshot.EMPTY.withPort(0, new ScopePolicy(null, compiled, null, null, null, null, null)));
        policy.refresh(0);
        List<AimedPacket> packets = AimedPacket.at(list, BATCHES * Batch.CAPACITY, 2);
        for (int i = 0; i < BATCHES; i++) {
            Batch batch = new Batch();
            batches[i] = batch;
            packets.subList(i * Batch.CAPACITY, (i + 1) * Batch.CAPACITY)
                    .forEach(packet -> batch.add(packet(packet.frame())));
        }
    }

    private Packet packet(byte[] frame) {
        Packet packet = Objects.requireNonNull(pool.acquire());
        packet.put(frame.length);
        MemorySegment.copy(frame, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset(), frame.length);
        Dissector.dissect(packet, 0);
        return packet;
    }

    /** A packet that belongs to no established flow. */
    @Benchmark
    @OperationsPerInvocation(Batch.CAPACITY)
    public int decide() {
        Batch batch = batches[next];
        next = (next + 1) % BATCHES;
        stage.process(batch);
        return batch.verdict(0);
    }

    /** Releases the packets. */
    @TearDown
    public void close() {
        for (Batch batch : batches) {
            batch.release();
        }
        pool.close();
    }
}
