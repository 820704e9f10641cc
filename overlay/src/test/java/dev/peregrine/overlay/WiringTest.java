package dev.peregrine.overlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.fastpath.FastPathSwitch;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WiringTest {
    private final VirtualDevices devices = VirtualDevicesTest.devices();

    private Topology topology(@Nullable FastPaths fastPaths) {
        return Wiring.topology(devices, false, worker -> new Counters(), fastPaths);
    }

    private static List<String> exits(Topology topology, String address) {
        return Objects.requireNonNull(topology.stage(address), address).exits().stream()
                .map(Topology.Exit::toString)
                .toList();
    }

    @Test
    void theChainIsTheOneOfThePicture() {
        Topology chain = topology(null);
        assertEquals(List.of("policy.in"), exits(chain, "vtep.decap"));
        assertEquals(List.of("bridge.learn"), exits(chain, "policy.in"));
        assertEquals(List.of("policy:a.in"), exits(chain, "port:a.in"));
        assertEquals(List.of("bridge.learn"), exits(chain, "policy:a.in"));
        assertEquals(List.of("bridge.forward"), exits(chain, "bridge.learn"));
        assertEquals(List.of("bridge.mtu"), exits(chain, "bridge.forward"));
        assertEquals(List.of("policy.out", "policy:a.out", "policy:b.out"), exits(chain, "bridge.mtu"));
        assertEquals(List.of("vtep.encap"), exits(chain, "policy.out"));
        assertEquals(List.of("underlay"), exits(chain, "vtep.encap"));
        assertEquals(List.of("port:a.out"), exits(chain, "policy:a.out"));
        assertEquals(List.of("endpoint:a"), exits(chain, "port:a.out"));
        assertEquals("port:a.in", Wiring.entrance(chain, devices.ports().getFirst()));
    }

    @Test
    void neighboursAreInTheGraphWhereTheyAreSuppressed() {
        assertNull(topology(null).stage("bridge.neighbours"));
        devices.bridge().neighbours().configure(1, true, 8, 0);
        Topology suppressing = topology(null);
        assertEquals(List.of("bridge.neighbours"), exits(suppressing, "bridge.learn"));
        assertEquals(List.of("bridge.forward", "bridge.mtu"), exits(suppressing, "bridge.neighbours"));
    }

    @Test
    void flowCachesStandAroundTheSameChain() {
        FastPaths fastPaths = new FastPaths(1, 8, new Epoch(2), new FastPathSwitch(true, 0), mismatch -> {});
        try (var _ = fastPaths.of(0)) {
            Topology cached = topology(fastPaths);
            for (Topology.StageSpec stage : topology(null).stages()) {
                assertNotNull(cached.stage(stage.address()), stage.address());
            }
            assertEquals(List.of("flow.record", "vtep.decap"), exits(cached, "underlay.lookup"));
            assertEquals(List.of("flow.record"), exits(cached, "vtep.encap"));
            assertEquals(List.of("underlay", "endpoint:a", "endpoint:b"), exits(cached, "flow.record"));
            for (Port port : devices.ports()) {
                String device = "port:" + port.name();
                assertEquals(device + ".lookup", Wiring.entrance(cached, port));
                assertEquals(List.of("flow.record", device + ".in"), exits(cached, device + ".lookup"));
                assertEquals(List.of("flow.record"), exits(cached, Wiring.lastStage(devices.ports(), port.id())));
            }
        }
    }
}
