package dev.peregrine.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.conntrack.FlowStates;
import dev.peregrine.dataplane.policy.conntrack.FlowTimeouts;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.schedule.GracePeriod;
import dev.peregrine.dataplane.schedule.Worker;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Policies that are replaced while a worker applies them. */
@Timeout(60)
class PolicyChangeTest {
    private static final int CHANGES = Seed.rounds(20_000);
    private static final int SEGMENT = 0;

    private final PacketPool pool = new PacketPool(64, 64);
    private final Policy policy = new Policy(1, new Fdb(16), new FlowStates(64, FlowTimeouts.DEFAULT, true));
    private final DropCounters drops = new DropCounters();
    private final AtomicLong passed = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Worker worker = worker();

    @AfterEach
    void close() {
        pool.close();
    }

    /** Each policy drops everything, one of them before the bridge and the other behind it: a mixture would not. */
    @Test
    void noPacketIsDecidedByAMixtureAndNoneByTheOldPolicyAfterwards() throws InterruptedException {
        RuleList deny = list(Action.DENY);
        RuleList alsoDeny = list(Action.DENY);
        PolicySnapshot denyIn = PolicySnapshot.EMPTY.withPort(0, ScopePolicy.of(deny, list(Action.ALLOW)));
        PolicySnapshot denyOut = PolicySnapshot.EMPTY.withPort(0, ScopePolicy.of(list(Action.ALLOW), alsoDeny));
        policy.publish(denyIn);
        Thread packets = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                worker.run(64);
            }
        });
        int late = 0;
        for (int i = 0; i < CHANGES; i++) {
            policy.publish(i % 2 == 0 ? denyOut : denyIn);
            GracePeriod.await(List.of(worker));
            Hits old = (i % 2 == 0 ? deny : alsoDeny).entry(0).hits();
            long before = old.packets();
            Thread.onSpinWait();
            late += old.packets() == before ? 0 : 1;
        }
        stop.set(true);
        packets.join();
        assertEquals(0, passed.get(), "packets that passed");
        assertEquals(0, late, "changes after whose acknowledgement the old rules were met");
        long met = deny.entry(0).hits().packets() + alsoDeny.entry(0).hits().packets();
        assertEquals(drops.total(), met);
    }

    private static RuleList list(Action action) {
        return RuleList.of(List.of(Rule.of("all", action, Match.ALL)), true, 1, null, 0);
    }

    private Worker worker() {
        Port port = new Port(0, "web", SEGMENT, false, 1500);
        Sink end = batch -> {
            passed.addAndGet(batch.size());
            batch.release();
        };
        Node out = node(policy.out(0, port), end);
        Node in = node(policy.in(0, port), out);
        Worker worker = new Worker(0, System::nanoTime);
        worker.beforeBatch(() -> policy.refresh(0));
        byte[] frame = FrameBuilder.udp4().build();
        worker.add((Batch batch) -> fill(batch, frame), in).markReady();
        return worker;
    }

    private Node node(Stage stage, Sink next) {
        return new Node(stage, new Sink[] {next}, null, pool, drops, (failed, cause) -> {
            throw new AssertionError(cause);
        });
    }

    private int fill(Batch batch, byte[] frame) {
        for (int i = 0; i < 16; i++) {
            Packet packet = Packets.frame(pool, frame);
            batch.add(packet.inPort(0).outPort(0).segment(SEGMENT));
        }
        return 16;
    }
}
