package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Verdict;
import dev.peregrine.dataplane.schedule.Topology.Kind;
import dev.peregrine.dataplane.schedule.Topology.Terminal;
import dev.peregrine.dataplane.schedule.Topology.WorkerScope;
import dev.peregrine.dataplane.stage.FloodGroups;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Node;
import dev.peregrine.dataplane.stage.Sink;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.CollectingSink;
import dev.peregrine.dataplane.testing.Packets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AssemblerTest {
    private static final Kind A = new Kind("a");
    private static final Kind B = new Kind("b");
    private static final Kind C = new Kind("c");
    private static final Terminal OUT = new Terminal("out");
    private static final Terminal OTHER = new Terminal("other");

    private final PacketPool pool = new PacketPool(4, 4);
    private final DropCounters drops = new DropCounters();
    private final CollectingSink out = new CollectingSink();
    private final CollectingSink other = new CollectingSink();

    @AfterEach
    void close() {
        out.release();
        other.release();
        assertTrue(pool.isFull());
        pool.close();
    }

    @Test
    void joinsStagesToEachOtherAndToTerminals() {
        Topology topology = new Topology()
                .stage(A.at("first"), forwarding(1), OTHER, B.at("second"))
                .stage(B.at("second"), forwarding(0), OUT);
        Assembler.Graph graph = assemble(topology, 0);
        graph.node("a.first").accept(Packets.batch(packet()));
        assertEquals(1, out.packets().size());
        assertEquals(0, other.packets().size());
        assertEquals(1, graph.node("b.second").counters().segments());
        assertEquals(
                List.of("a.first", "b.second"),
                graph.stages().stream().map(Topology.StageSpec::address).toList());
    }

    @Test
    void joinsTwoPathsThatMeet() {
        Topology topology = new Topology()
                .stage(A.at("left"), forwarding(0), B.at("last"))
                .stage(A.at("right"), forwarding(0), B.at("last"))
                .stage(B.at("last"), forwarding(0), OUT);
        Assembler.Graph graph = assemble(topology, 0);
        graph.node("a.left").accept(Packets.batch(packet()));
        graph.node("a.right").accept(Packets.batch(packet()));
        assertEquals(2, graph.node("b.last").counters().segments());
    }

    @Test
    void givesEveryWorkerStagesOfItsOwn() {
        Topology topology = new Topology().stage(A.at("first"), forwarding(0), OUT);
        Stage one = assemble(topology, 0).node("a.first").stage();
        Stage two = assemble(topology, 1).node("a.first").stage();
        assertNotSame(one, two);
        assertEquals("first of worker 1", two.name());
    }

    @Test
    void floodsThroughTheReplicationOfAStage() {
        Node.Replication replication = new Node.Replication() {
            @Override
            public FloodGroups groups() {
                return new FloodGroups(new int[][] {{5, 6}});
            }

            @Override
            public int exit(int port) {
                return port - 5;
            }
        };
        Topology topology = new Topology()
                .floodingStage(A.at("bridge"), deciding(Verdict.flood(0)), replication, List.of(OUT, OTHER));
        assemble(topology, 0).node("a.bridge").accept(Packets.batch(packet()));
        assertEquals(5, out.only().outPort());
        assertEquals(6, other.only().outPort());
    }

    @Test
    void countsDropsWhereTheWorkerDoes() {
        Topology topology = new Topology().stage(A.at("policy"), deciding(Verdict.drop(DropReason.MTU_EXCEEDED)), OUT);
        assemble(topology, 0).node("a.policy").accept(Packets.batch(packet()));
        assertEquals(1, drops.count(DropReason.MTU_EXCEEDED));
    }

    @Test
    void refusesAnExitThatLeadsNowhere() {
        Topology topology = new Topology().stage(A.at("first"), forwarding(0), B.at("missing"));
        Exception e = assertThrows(IllegalArgumentException.class, () -> assemble(topology, 0));
        assertEquals("an exit of a.first leads to b.missing, which is neither a stage nor a terminal", e.getMessage());
    }

    @Test
    void tellsATerminalFromAStageOfTheSameName() {
        Topology topology = new Topology().stage(A.at("first"), forwarding(0), new Terminal("b.second"));
        topology.stage(B.at("second"), forwarding(0), OUT);
        assertThrows(IllegalArgumentException.class, () -> assemble(topology, 0));
    }

    @Test
    void namesADeviceByItsKindAndItsNameWhereThereAreSeveral() {
        assertEquals("a.first", A.at("first").toString());
        assertEquals("a:web.first", A.at("web", "first").toString());
        assertEquals("a:web", A.at("web", "first").device());
        assertEquals(A.at("we:b", "first").kind(), new Topology().unit(place(A.at("we:b", "first"))));
    }

    private Topology.StageSpec place(Topology.Address at) {
        return new Topology.StageSpec(at, forwarding(0), List.of(), null);
    }

    @Test
    void refusesACycle() {
        Topology topology = new Topology()
                .stage(A.at("first"), forwarding(0), B.at("second"))
                .stage(B.at("second"), forwarding(0), A.at("first"));
        assertThrows(IllegalArgumentException.class, () -> assemble(topology, 0));
    }

    @Test
    void refusesTwoStagesOfOneName() {
        Topology topology = new Topology().stage(A.at("first"), forwarding(0), OUT);
        assertThrows(IllegalArgumentException.class, () -> topology.stage(A.at("first"), forwarding(0), OUT));
    }

    @Test
    void refusesToNameAStageThatIsNotThere() {
        Topology topology = new Topology().stage(A.at("first"), forwarding(0), OUT);
        assertSame(topology.stages().getFirst(), topology.stage("a.first"));
        assertThrows(IllegalArgumentException.class, () -> assemble(topology, 0).node("a.other"));
    }

    @Test
    void aGraphGainsAndLosesStages() {
        Topology one = new Topology()
                .stage(A.at("first"), forwarding(1), OUT, B.at("second"))
                .stage(B.at("second"), forwarding(0), OUT);
        Topology more = new Topology()
                .stage(A.at("first"), forwarding(1), OUT, B.at("second"), C.at("third"))
                .stage(B.at("second"), forwarding(0), OUT)
                .stage(C.at("third"), forwarding(0), OTHER);
        Assembler assembler = assembler(0);
        Assembler.Graph before = assembler.prepare(one, Instruments.NONE).take();
        Node first = before.node("a.first");
        first.accept(Packets.batch(packet()));
        Assembler.Graph grown = assembler.prepare(more, Instruments.NONE).take();
        assertSame(first, grown.node("a.first"));
        first.accept(Packets.batch(packet()));
        assertEquals(2, grown.node("b.second").counters().segments());
        grown.node("c.third").accept(Packets.batch(packet()));
        assertEquals(1, other.packets().size());
        assertEquals(1, grown.departed("other").segments());
        Node third = grown.node("c.third");
        Assembler.Graph shrunk = assembler.prepare(one, Instruments.NONE).take();
        assertEquals(before.nodes(), shrunk.nodes());
        assertEquals(Set.of("out"), shrunk.terminals());
        first.accept(Packets.batch(packet()));
        assertEquals(3, out.packets().size());
        Node again = assembler.prepare(more, Instruments.NONE).take().node("c.third");
        assertNotSame(third, again, "a stage that comes back is a new one");
        assertEquals(0, again.counters().segments());
    }

    @Test
    void packetsWalkTheGraphThatTheWorkerHasTaken() {
        List<String> seen = new ArrayList<>();
        Instruments watching = new Instruments() {
            @Override
            public Sink sink(String name, Sink sink) {
                return batch -> {
                    seen.add(name);
                    sink.accept(batch);
                };
            }
        };
        Assembler assembler = assembler(0);
        Node first = assembler
                .prepare(new Topology().stage(A.at("first"), forwarding(0), OUT, OTHER), Instruments.NONE)
                .take()
                .node("a.first");
        Assembler.Graph next = assembler.prepare(
                new Topology()
                        .stage(A.at("first"), forwarding(0), B.at("second"), OUT)
                        .stage(B.at("second"), forwarding(0), OTHER),
                watching);
        first.accept(Packets.batch(packet()));
        assertEquals(1, out.packets().size());
        assertEquals(List.of(), seen);
        next.take();
        first.accept(Packets.batch(packet()));
        assertEquals(1, other.packets().size());
        assertEquals(1, next.node("b.second").counters().segments());
        assertEquals(List.of("other"), seen);
    }

    @Test
    void instrumentsComeAndGoWhileCountsGoOn() {
        Topology topology = new Topology().stage(A.at("first"), forwarding(0), OUT);
        Assembler assembler = assembler(0);
        Node first = assembler.prepare(topology, Instruments.NONE).take().node("a.first");
        first.accept(Packets.batch(packet()));
        List<String> seen = new ArrayList<>();
        Instruments watching = new Instruments() {
            @Override
            public Stage stage(String address, Stage stage) {
                return new Stage() {
                    @Override
                    public String name() {
                        return stage.name();
                    }

                    @Override
                    public void process(Batch batch) {
                        seen.add(address);
                        stage.process(batch);
                    }
                };
            }

            @Override
            public Sink sink(String name, Sink sink) {
                return batch -> {
                    seen.add(name);
                    sink.accept(batch);
                };
            }
        };
        assertSame(first, assembler.prepare(topology, watching).take().node("a.first"));
        first.accept(Packets.batch(packet()));
        assertEquals(List.of("a.first", "out"), seen);
        Assembler.Graph graph = assembler.prepare(topology, Instruments.NONE).take();
        first.accept(Packets.batch(packet()));
        assertEquals(2, seen.size());
        assertSame(first.ownStage(), first.stage());
        assertEquals(3, first.counters().segments());
        assertEquals(3, graph.departed("out").segments());
    }

    private Assembler.Graph assemble(Topology topology, int worker) {
        return assembler(worker).prepare(topology, Instruments.NONE).take();
    }

    private Assembler assembler(int worker) {
        List<Worker> workers = List.of(new Worker(0, () -> 0), new Worker(1, () -> 0));
        return new Assembler(
                new WorkerGroup(workers, WorkerGroup.DEFAULT_LINK_CAPACITY),
                new WorkerScope(worker, pool, drops),
                Map.of("out", out, "other", other),
                (stage, fault) -> {
                    throw new AssertionError(fault);
                });
    }

    private Packet packet() {
        return Packets.of(pool, new byte[60]);
    }

    private static Function<WorkerScope, Stage> forwarding(int exit) {
        return deciding(Verdict.forward(exit));
    }

    private static Function<WorkerScope, Stage> deciding(int verdict) {
        return scope -> new Stage() {
            @Override
            public String name() {
                return "first of worker " + scope.worker();
            }

            @Override
            public void process(Batch batch) {
                for (int i = 0; i < batch.size(); i++) {
                    batch.verdict(i, verdict);
                }
            }
        };
    }
}
