package dev.peregrine.dataplane.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.testing.CollectingSink;
import dev.peregrine.dataplane.testing.Packets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeTest {
    private static final int LOCAL = 0;
    private static final int TUNNEL = 1;

    private final PacketPool pool = new PacketPool(70, 80);
    private final DropCounters drops = new DropCounters();
    private final CollectingSink local = new CollectingSink();
    private final CollectingSink tunnel = new CollectingSink();
    private final List<Throwable> faults = new ArrayList<>();
    private FloodGroups groups = new FloodGroups(new int[0][]);

    @AfterEach
    void close() {
        local.release();
        tunnel.release();
        assertTrue(pool.isFull(), "no packet may be lost");
        pool.close();
    }

    @Test
    void passesABatchWithOneExitOnAsItIs() {
        List<Batch> seen = new ArrayList<>();
        Node node = new Node(
                stage(batch -> fill(batch, Verdict.forward(0))),
                new Sink[] {
                    batch -> {
                        seen.add(batch);
                        local.accept(batch);
                    }
                },
                null,
                pool,
                drops,
                (where, fault) -> faults.add(fault));
        Batch batch = Packets.batch(packet(1), packet(2));
        batch.nowNanos(5);
        node.accept(batch);
        assertSame(batch, seen.getFirst());
        assertEquals(5, local.nowNanos());
        assertEquals(2, local.packets().size());
        assertEquals(1, node.counters().batches());
    }

    @Test
    void sortsABatchByExitInOrder() {
        Node node = node(batch -> {
            for (int i = 0; i < batch.size(); i++) {
                batch.verdict(i, Verdict.forward(batch.packet(i).getByte(0) % 2));
            }
        });
        Batch batch = Packets.batch(packet(0), packet(1), packet(2), packet(3), packet(4));
        batch.nowNanos(5);
        node.accept(batch);
        assertTrue(batch.isEmpty());
        assertEquals(List.of(0, 2, 4), marks(local));
        assertEquals(List.of(1, 3), marks(tunnel));
        assertEquals(5, tunnel.nowNanos());
        assertEquals(5, node.counters().segments());
    }

    @Test
    void answersLeaveByTheirExit() {
        node(batch -> {
                    batch.verdict(0, Verdict.forward(LOCAL));
                    batch.verdict(1, Verdict.answer(TUNNEL));
                })
                .accept(Packets.batch(packet(1), packet(2)));
        assertEquals(List.of(1), marks(local));
        assertEquals(List.of(2), marks(tunnel));
    }

    @Test
    void countsAnAnsweredPacketAsServedOrAsLostAndItsReplyAsNew() {
        Node node = node(batch -> {
            batch.packet(0).slices(0, 0, 0, 0, 0);
            batch.verdict(0, Verdict.answer(TUNNEL, DropReason.MTU_EXCEEDED));
            batch.verdict(1, Verdict.answer(LOCAL));
        });
        Packet superframe = packet(1);
        superframe.cut(4, 12);
        node.accept(Packets.batch(superframe, packet(2)));
        assertEquals(8, drops.count(DropReason.MTU_EXCEEDED));
        assertEquals(8, node.counters().drops());
        assertEquals(1, node.counters().consumed());
        assertEquals(2, node.counters().answers());
        assertEquals(List.of(2), marks(local));
        assertEquals(List.of(1), marks(tunnel));
    }

    @Test
    void dropsAndCountsSegments() {
        Node node = node(batch -> {
            batch.verdict(0, Verdict.drop(DropReason.SAME_PORT));
            batch.verdict(1, Verdict.forward(LOCAL));
        });
        Packet superframe = packet(1);
        superframe.cut(4, 12);
        node.accept(Packets.batch(superframe, packet(2)));
        assertEquals(8, drops.count(DropReason.SAME_PORT));
        assertEquals(8, drops.total());
        assertEquals(8, node.counters().drops());
        assertEquals(9, node.counters().segments());
        assertEquals(2, node.counters().packets());
        assertEquals(List.of(2), marks(local));
    }

    @Test
    void leavesConsumedPacketsToTheStage() {
        List<Packet> kept = new ArrayList<>();
        node(batch -> {
                    kept.add(batch.packet(0));
                    batch.verdict(0, Verdict.CONSUMED);
                })
                .accept(Packets.batch(packet(1)));
        assertEquals(0, drops.total());
        pool.release(kept.getFirst());
    }

    @Test
    void floodsToEveryMemberButTheOrigin() {
        groups = new FloodGroups(new int[][] {{0, 1, 2, Ports.tunnel(0), Ports.tunnel(1)}});
        Node node = node(batch -> fill(batch, Verdict.flood(0)));
        node.accept(Packets.batch(packet(9).inPort(1)));
        assertEquals(List.of(0, 2), outPorts(local));
        assertEquals(List.of(Ports.tunnel(0), Ports.tunnel(1)), outPorts(tunnel));
        assertEquals(List.of(9, 9), marks(local));
        assertEquals(3, node.counters().copies());
    }

    @Test
    void neverFloodsFromTunnelToTunnel() {
        groups = new FloodGroups(new int[][] {{0, Ports.tunnel(0), Ports.tunnel(1)}});
        node(batch -> fill(batch, Verdict.flood(0)))
                .accept(Packets.batch(packet(9).inPort(Ports.tunnel(1))));
        assertEquals(List.of(0), outPorts(local));
        assertEquals(List.of(), outPorts(tunnel));
    }

    @Test
    void copiesOfAFloodHaveBytesOfTheirOwn() {
        groups = new FloodGroups(new int[][] {{0, 1}});
        node(batch -> fill(batch, Verdict.flood(0))).accept(Packets.batch(packet(9)));
        local.packets().get(0).setByte(0, 1);
        assertEquals(9, local.packets().get(1).getByte(0));
        assertArrayEquals(
                new int[] {100, 100},
                local.packets().stream().mapToInt(Packet::length).toArray());
    }

    @Test
    void dropsAFloodThatReachesNobody() {
        groups = new FloodGroups(new int[][] {{3}});
        node(batch -> fill(batch, Verdict.flood(0)))
                .accept(Packets.batch(packet(1).inPort(3)));
        node(batch -> fill(batch, Verdict.flood(7))).accept(Packets.batch(packet(2)));
        assertEquals(2, drops.count(DropReason.NO_FLOOD_MEMBER));
    }

    @Test
    void countsCopiesThatFoundNoBuffer() {
        groups = new FloodGroups(new int[][] {{0, 1, 2}});
        List<Packet> hog = new ArrayList<>();
        Packet flooded = packet(9);
        flooded.cut(4, 48);
        while (pool.available() > 1) {
            hog.add(packet(0));
        }
        Node node = node(batch -> fill(batch, Verdict.flood(0)));
        node.accept(Packets.batch(flooded));
        assertEquals(List.of(0, 2), outPorts(local));
        assertEquals(2, drops.count(DropReason.FLOOD_COPY_FAILED));
        assertEquals(2, node.counters().drops());
        assertEquals(4, node.counters().copies());
        hog.forEach(pool::release);
    }

    @Test
    void passesMorePacketsThanABatchHoldsFromAFlood() {
        groups = new FloodGroups(new int[][] {{0, 1, 2}});
        Batch batch = new Batch();
        for (int i = 0; i < 22; i++) {
            batch.add(packet(i));
        }
        node(b -> fill(b, Verdict.flood(0))).accept(batch);
        assertEquals(66, local.packets().size());
        assertEquals(2, local.batches());
    }

    @Test
    void dropsTheBatchOfAStageThatThrows() {
        RuntimeException fault = new IllegalStateException("broken");
        Node node = node(batch -> {
            batch.verdict(0, Verdict.forward(LOCAL));
            throw fault;
        });
        Batch batch = Packets.batch(packet(1), packet(2));
        node.accept(batch);
        assertEquals(List.of(fault), faults);
        assertEquals(2, drops.count(DropReason.STAGE_FAILED));
        assertTrue(batch.isEmpty() && local.packets().isEmpty());
        node(b -> fill(b, Verdict.forward(LOCAL))).accept(Packets.batch(packet(3)));
        assertEquals(List.of(3), marks(local));
    }

    /** An error costs no more than an exception; packets that were sent on before count as sent. */
    @Test
    void dropsTheBatchOfAStageThatFailsWithAnError() {
        Node node = node(batch -> {
            batch.verdict(0, Verdict.CONSUMED);
            pool.release(batch.packet(0));
            throw new StackOverflowError();
        });
        node.accept(Packets.batch(packet(1), packet(2)));
        assertInstanceOf(StackOverflowError.class, faults.getFirst());
        assertEquals(1, drops.count(DropReason.STAGE_FAILED), "the packet that the stage took is not dropped again");
    }

    @Test
    void countsAFailedAnswerAsThePacketThatItWasMadeOf() {
        Node node = node(batch -> {
            batch.packet(0).put(200).cut(100, 100);
            batch.packet(0).view(batch.packet(0).floor(), batch.packet(0).offset(), 100);
            throw new IllegalStateException("broken");
        });
        Packet superframe = packet(1);
        superframe.put(200).cut(100, 100);
        int segments = superframe.wirePackets();
        assertTrue(segments > 1);
        node.accept(Packets.batch(superframe));
        assertEquals(segments, drops.count(DropReason.STAGE_FAILED));
    }

    @Test
    void noticesAForgottenVerdict() {
        node(batch -> {}).accept(Packets.batch(packet(1)));
        assertInstanceOf(AssertionError.class, faults.getFirst());
        assertEquals(1, drops.count(DropReason.STAGE_FAILED));
    }

    @Test
    void dropsThePacketsThatASinkLeavesWhenItThrows() {
        IllegalStateException fault = new IllegalStateException("broken");
        Sink broken = batch -> {
            batch.release(1);
            throw fault;
        };
        Node node = new Node(
                stage(batch -> {
                    for (int i = 0; i < batch.size(); i++) {
                        batch.verdict(i, Verdict.forward(i % 2));
                    }
                }),
                new Sink[] {broken, local},
                null,
                pool,
                drops,
                (where, told) -> faults.add(told));
        node.accept(Packets.batch(packet(1), packet(2), packet(3), packet(4), packet(5)));
        assertEquals(List.of(fault), faults);
        assertEquals(2, drops.count(DropReason.STAGE_FAILED), "one of three had left before");
        assertEquals(List.of(2, 4), marks(local), "the other exit gets its packets");
        node.accept(Packets.batch(packet(6), packet(7)));
        assertEquals(List.of(2, 4, 7), marks(local));
    }

    @Test
    void losesAWholeBatchAtMostToTheOnlySinkThatThrows() {
        Sink broken = batch -> {
            throw new StackOverflowError();
        };
        Node node = new Node(
                stage(b -> fill(b, Verdict.forward(0))),
                new Sink[] {broken},
                null,
                pool,
                drops,
                (where, told) -> faults.add(told));
        Batch batch = Packets.batch(packet(1), packet(2));
        node.accept(batch);
        assertTrue(batch.isEmpty());
        assertEquals(2, drops.count(DropReason.STAGE_FAILED));
        assertEquals(2, node.counters().drops());
    }

    @Test
    void forgetsTheVerdictsOfTheStageBefore() {
        Node second = node(batch -> {
            assertEquals(Verdict.UNSET, batch.verdict(0));
            fill(batch, Verdict.forward(LOCAL));
        });
        Node first = new Node(
                stage(batch -> fill(batch, Verdict.forward(0))),
                new Sink[] {second},
                null,
                pool,
                drops,
                (where, fault) -> faults.add(fault));
        first.accept(Packets.batch(packet(1)));
        assertEquals(List.of(1), marks(local));
    }

    @Test
    void ignoresAnEmptyBatch() {
        Node node = node(batch -> {
            throw new IllegalStateException("never called");
        });
        node.accept(new Batch());
        assertEquals(0, node.counters().batches());
    }

    private Node node(Consumer<Batch> process) {
        Node.Replication replication = new Node.Replication() {
            @Override
            public FloodGroups groups() {
                return groups;
            }

            @Override
            public int exit(int port) {
                return Ports.isTunnel(port) ? TUNNEL : LOCAL;
            }
        };
        return new Node(
                stage(process),
                new Sink[] {local, tunnel},
                replication,
                pool,
                drops,
                (where, fault) -> faults.add(fault));
    }

    private static Stage stage(Consumer<Batch> process) {
        return new Stage() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public void process(Batch batch) {
                process.accept(batch);
            }
        };
    }

    private static void fill(Batch batch, int verdict) {
        for (int i = 0; i < batch.size(); i++) {
            batch.verdict(i, verdict);
        }
    }

    private Packet packet(int mark) {
        byte[] bytes = new byte[100];
        bytes[0] = (byte) mark;
        return Packets.of(pool, bytes);
    }

    private static List<Integer> marks(CollectingSink sink) {
        return sink.packets().stream().map(packet -> packet.getByte(0)).toList();
    }

    private static List<Integer> outPorts(CollectingSink sink) {
        return sink.packets().stream().map(Packet::outPort).toList();
    }
}
