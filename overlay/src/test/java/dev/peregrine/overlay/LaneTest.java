package dev.peregrine.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.EndpointSlot;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.schedule.Assembler;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.schedule.WorkerGroup;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Source;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPathSwitch;
import dev.peregrine.vxlan.underlay.Underlay;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final VirtualDevices devices = VirtualDevicesTest.devices();
    private final FastPaths fastPaths = new FastPaths(1, 8, new Epoch(2), new FastPathSwitch(true, 0), mismatch -> {});
    private final Lane<Idle> lane = new Lane<>(
            0,
            new LaneSpec(1, 8, 8, devices, fastPaths, () -> 0, (where, fault) -> {}, Instruments.NONE),
            scope -> new Idle());
    private final WorkerGroup group = new WorkerGroup(List.of(lane.worker()), 64);
    private final Map<String, Integer> timesPolled = new TreeMap<>();
    private final List<Port> both = devices.ports();
    private final List<Port> one = both.subList(0, 1);

    /** Notes the names of the sources that are polled. */
    private final Instruments noting = new Instruments() {
        @Override
        public Source source(String name, Source source) {
            return new Source() {
                @Override
                public int poll(Batch batch) {
                    timesPolled.merge(name, 1, Integer::sum);
                    return 0;
                }

                @Override
                public boolean isReady() {
                    return true;
                }
            };
        }
    };

    private static final class Idle implements Underlay {
        @Override
        public int poll(Batch batch) {
            return 0;
        }

        @Override
        public void accept(Batch batch) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public int fd() {
            return -1;
        }

        @Override
        public void close() {}
    }

    @AfterEach
    void close() {
        lane.close();
    }

    private void prepare(List<Port> ports) {
        Topology topology = Wiring.topology(devices.with(ports), false, worker -> lane.received(), fastPaths);
        lane.prepare(group, topology, ports, noting);
    }

    private void assemble(List<Port> ports) {
        prepare(ports);
        lane.take();
    }

    private Set<String> polledInATurn() {
        timesPolled.clear();
        lane.worker().run(64);
        return timesPolled.keySet();
    }

    @Test
    void theWorkerGoesOnWithItsGraphUntilItTakesTheNext() {
        assemble(both);
        Assembler.Graph before = lane.graph();
        prepare(one);
        assertSame(before, lane.graph());
        assertEquals(Set.of("underlay", "endpoint:a", "endpoint:b"), polledInATurn());
        lane.take();
        assertNotSame(before, lane.graph());
        assertFalse(lane.graph().nodes().containsKey("port:b.in"));
        assertEquals(Set.of("underlay", "endpoint:a"), polledInATurn());
    }

    /** As when a worker does not answer, and goes on later: it is told as often as graphs were prepared. */
    @Test
    void theWorkerTakesTheGraphThatWasPreparedLastAndTakesItOnce() {
        assemble(one);
        prepare(both);
        prepare(one);
        lane.take();
        Assembler.Graph last = lane.graph();
        assertEquals(Set.of("underlay", "endpoint:a"), polledInATurn());
        lane.take();
        assertSame(last, lane.graph());
        assertEquals(Set.of("underlay", "endpoint:a"), polledInATurn());
    }

    @Test
    void aPortThatLeftInAGraphThatWasNotTakenIsPolledByItsNewSlot() {
        assemble(both);
        EndpointSlot left = lane.slot(both.get(1));
        prepare(one);
        prepare(both);
        lane.take();
        assertNotSame(left, lane.slot(both.get(1)));
        assertEquals(Set.of("underlay", "endpoint:a", "endpoint:b"), polledInATurn());
        assertEquals(1, timesPolled.get("endpoint:b"));
        assemble(one);
        assertEquals(Set.of("underlay", "endpoint:a"), polledInATurn());
    }
}
