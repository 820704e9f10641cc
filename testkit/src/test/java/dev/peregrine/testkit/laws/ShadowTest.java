package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.FlowRecording;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.stage.CountingStage;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The shadow mode catches a fast path that does something else than the chain. */
class ShadowTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0x0200_0000_0002L;

    /** Does to the packets that walk what {@code chain} says, and leaves {@code fast} in the recording. */
    private record Liar(Stage stage, Edit chain, Edit fast) implements Stage {
        interface Edit {
            int edit(Packet packet);
        }

        @Override
        public String name() {
            return stage.name();
        }

        @Override
        public boolean recordsFlow() {
            return true;
        }

        @Override
        public void process(Batch batch) {
            stage.process(batch);
            for (int i = 0; i < batch.size(); i++) {
                FlowRecording recording = batch.packet(i).recording();
                if (recording != null) {
                    recording.rewrite(packet -> Verdict.isForward(fast.edit(packet)));
                }
                batch.verdict(i, chain.edit(batch.packet(i)));
            }
        }
    }

    private static MemoryGateway gateway(UnaryOperator<Stage> out) {
        List<Segment> segments = List.of(new Segment(0, 42, 1450, false));
        MemoryGateway gateway = new MemoryGateway(
                new MemoryNetwork(),
                World.address(0),
                new GatewayShape(
                                segments,
                                List.of(0, 0),
                                64,
                                1000,
                                8,
                                true,
                                stage -> stage instanceof CountingStage
                                                && stage.name().equals("out")
                                        ? out.apply(stage)
                                        : stage)
                        .flows(64));
        gateway.fdb().add(0, A, 0, false, 0);
        gateway.fdb().add(0, B, 1, false, 0);
        gateway.fastPathSwitch().shadow(1);
        return gateway;
    }

    private static void send(MemoryGateway gateway, int frames) {
        for (int i = 0; i < frames; i++) {
            gateway.endpoint(0)
                    .send(FrameBuilder.udp4().macs(B, A).payload(100 + i).build());
            gateway.run();
        }
    }

    private static int mark(Packet packet, int value) {
        packet.setByte(packet.headLength() - 1, value);
        return Verdict.forward(0);
    }

    @Test
    void everyHitIsCompared() {
        try (MemoryGateway gateway = gateway(stage -> stage)) {
            send(gateway, 100);
            assertEquals(98, gateway.fastPath().counters().compared());
            assertEquals(98, gateway.fastPath().counters().hits());
            assertEquals(0, gateway.fastPath().counters().mismatches());
            assertEquals(100, gateway.endpoint(1).received().size());
            assertTrue(gateway.isAtRest());
        }
    }

    @Test
    void oneOfSoManyHitsIsCompared() {
        try (MemoryGateway gateway = gateway(stage -> stage)) {
            gateway.fastPathSwitch().shadow(10);
            send(gateway, 102);
            assertEquals(10, gateway.fastPath().counters().compared());
            assertEquals(102, gateway.endpoint(1).received().size());
        }
    }

    @Test
    void aWrongRewriteIsCaughtAndTheChainsBytesGoOut() {
        try (MemoryGateway gateway =
                gateway(stage -> new Liar(stage, packet -> mark(packet, 1), packet -> mark(packet, 2)))) {
            send(gateway, 10);
            assertEquals(8, gateway.fastPath().counters().mismatches());
            assertEquals(8, gateway.mismatches().size());
            assertTrue(gateway.mismatches().getFirst().what().startsWith("byte "));
            for (byte[] frame : gateway.endpoint(1).received()) {
                assertEquals(1, frame[frame.length - 1]);
            }
            assertTrue(gateway.isAtRest());
        }
    }

    @Test
    void aPacketThatOnlyTheFastPathWouldSendIsCaught() {
        boolean[] closed = {false};
        try (MemoryGateway gateway = gateway(stage -> new Liar(
                stage,
                packet -> closed[0] ? Verdict.drop(DropReason.MTU_EXCEEDED) : Verdict.forward(0),
                packet -> Verdict.forward(0)))) {
            send(gateway, 2);
            closed[0] = true; // a change that nobody announces
            send(gateway, 3);
            gateway.fastPathSwitch().turn(false);
            send(gateway, 1);
            assertEquals(3, gateway.fastPath().counters().mismatches());
            assertEquals(
                    "the chain did not send it", gateway.mismatches().getFirst().what());
            assertTrue(gateway.isAtRest());
        }
    }

    @Test
    void noPacketIsTakenPastAStageThatLeavesNoTrail() {
        try (MemoryGateway gateway = gateway(Silent::new)) {
            gateway.fastPathSwitch().shadow(0);
            send(gateway, 10);
            assertEquals(0, gateway.fastPath().counters().hits());
            assertEquals(10, gateway.endpoint(1).received().size());
        }
    }

    private record Silent(Stage stage) implements Stage {
        @Override
        public String name() {
            return stage.name();
        }

        @Override
        public void process(Batch batch) {
            stage.process(batch);
        }
    }
}
