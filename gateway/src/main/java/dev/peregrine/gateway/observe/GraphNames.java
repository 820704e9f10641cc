package dev.peregrine.gateway.observe;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.schedule.Assembler.Graph;
import dev.peregrine.dataplane.schedule.Topology.StageSpec;
import dev.peregrine.fastpath.FastPath;
import dev.peregrine.overlay.Wiring;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The graph's places, ports and VTEPs in users' words. Asked by the thread that reads the rings.
 *
 * @param graph the graph as it is now, of any worker
 * @param ports the local ports
 * @param vteps the remote VTEPs
 */
record GraphNames(Supplier<Graph> graph, Supplier<List<Port>> ports, VtepTable vteps) {
    private static final String ENDPOINT = "endpoint:";

    /** A worker by its number. */
    static String worker(int number) {
        return "worker-" + number;
    }

    /** A terminal: {@code underlay}, or {@code port NAME}. */
    String terminal(String name) {
        return name.startsWith(ENDPOINT) ? "port " + name.substring(ENDPOINT.length()) : name;
    }

    /** The VTEP behind a tunnel port. */
    String vtep(int tunnelPort) {
        RemoteVtep vtep = vteps.behind(tunnelPort);
        return vtep == null ? "unknown" : AddressText.of(vtep.address().toInetAddress());
    }

    /** Where a packet is to leave; null while it is not decided. */
    @Nullable
    String egress(int port) {
        if (port < 0) {
            return null;
        }
        return Ports.isTunnel(port) ? "vtep " + vtep(port) : port(port);
    }

    private String port(int number) {
        return ports.get().stream()
                .filter(port -> port.id() == number)
                .map(port -> "port " + port.name())
                .findFirst()
                .orElse("port that was removed");
    }

    /** Where an exit of a stage leads; null when the stage is gone. */
    @Nullable
    String exit(String stage, int exit) {
        for (StageSpec spec : graph.get().stages()) {
            if (spec.address().equals(stage) && exit < spec.exits().size()) {
                return spec.exits().get(exit).toString();
            }
        }
        return null;
    }

    /** The stages that the fast path skips between a look-up and a port. */
    List<String> skipped(String lookup, int port) {
        try {
            return FastPath.skipped(graph.get(), number -> Wiring.lastStage(ports.get(), number), lookup, port);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return List.of(); // the port was removed meanwhile
        }
    }
}
