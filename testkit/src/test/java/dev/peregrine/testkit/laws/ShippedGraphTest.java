package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.schedule.Topology;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.vxlan.Segment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The laws hold of the graph that ships: that of {@link Wiring}, with and without the stage that is not always there.
 */
class ShippedGraphTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryGatewaysRunTheGraphThatShips(boolean suppressing) {
        GatewayShape shape = GatewayShape.of(List.of(new Segment(0, 42, 1450, false)), List.of(0, 0));
        try (MemoryGateway gateway =
                new MemoryGateway(new MemoryNetwork(), World.address(0), suppressing ? shape.suppressing() : shape)) {
            Topology ships = Wiring.topology(gateway.devices(), false, worker -> new Counters(), null);
            assertEquals(exits(ships.stages()), exits(gateway.graph().stages()));
        }
    }

    private static Map<String, List<Topology.Exit>> exits(List<Topology.StageSpec> stages) {
        Map<String, List<Topology.Exit>> exits = new TreeMap<>();
        stages.forEach(stage -> exits.put(stage.address(), stage.exits()));
        return exits;
    }
}
