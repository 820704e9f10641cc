package dev.peregrine.overlay;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.schedule.Topology;
import java.util.List;

/**
 * A graph of {@link Wiring}, as all lanes have it.
 *
 * @param graph what packets walk
 * @param chain the same without a flow cache: the devices
 * @param ports that it joins, in the order of their numbers
 */
public record Layout(Topology graph, Topology chain, List<Port> ports) {
    public Layout {
        ports = List.copyOf(ports);
    }
}
