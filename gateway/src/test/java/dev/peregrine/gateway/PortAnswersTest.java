package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.keys.PortKeys;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.port.InterfacePort;
import dev.peregrine.gateway.port.LocalPort;
import dev.peregrine.gateway.port.PortMaker;
import dev.peregrine.gateway.port.Segments;
import dev.peregrine.gateway.port.SocketPort;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.gateway.port.TapPort;
import dev.peregrine.gateway.port.VethPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The answers of ports of each type before they are open, which takes no privileges. */
class PortAnswersTest {
    private static final String YAML = """
            underlay: {local: 198.18.0.2, offload: {tapOffload: "off"}}
            vnis:
              - vni: 42
                flood: [198.18.0.1]
                ports:
                  - {name: web, type: tap, device: eth0, netns: cB, addresses: [198.19.0.2/24], queues: 2}
                  - {name: pod, type: veth, device: eth0, netns: cC, addresses: [198.19.0.3/24]}
                  - {name: nic, type: interface, device: p0}
                  - {name: app, type: socket, listen: "198.19.0.9:9000", deliver: "unix:/run/app.sock"}
            """;

    @Test
    void portsSayWhatOnlyTheirTypeKnows() throws Exception {
        ConfigFile file = ConfigFile.parse("f", YAML);
        Segments segments = new Segments(1);
        Tables tables = new Tables(file.config(), segments, new Budget(file.config(), 1), () -> {});
        PortMaker maker = new PortMaker(false, () -> new LocalPort.Means(List.of(), tables, port -> {}));
        List<LocalPort> ports = new ArrayList<>();
        for (PortConfig port : file.config().vnis().getFirst().ports()) {
            ports.add(maker.make(new Port(ports.size(), port.name(), 0, false, 1450), port));
        }
        List<String> types = ports.stream().map(port -> port.config().type()).toList();
        assertEquals(List.copyOf(PortKeys.types()), types, "a port of each type is made");
        LocalPort tap = ports.get(0);
        assertEquals(TapPort.class, tap.getClass());
        assertEquals("eth0", tap.config().device());
        assertEquals(Optional.of("cB"), tap.config().netns());
        assertEquals(2, tap.config().queues());
        assertEquals("", tap.addresses(), "the device is not there");
        assertEquals("device", tap.receiver());
        LocalPort pod = ports.get(1);
        assertEquals(VethPort.class, pod.getClass());
        assertEquals("eth0", pod.config().device());
        assertEquals(Optional.of("cC"), pod.config().netns());
        assertEquals(1, pod.config().queues());
        assertEquals("", pod.addresses(), "the device is not there");
        assertEquals("device", pod.receiver());
        LocalPort nic = ports.get(2);
        assertEquals(InterfacePort.class, nic.getClass());
        assertEquals("p0", nic.config().device());
        assertEquals(Optional.empty(), nic.config().netns());
        assertEquals(0, nic.config().queues());
        LocalPort app = ports.get(3);
        assertEquals(SocketPort.class, app.getClass());
        assertEquals(null, app.config().device());
        assertNotNull(app.config().deliver());
        assertEquals("198.19.0.9:9000", app.addresses());
        assertEquals("application", app.receiver());
        for (LocalPort port : ports) {
            for (DropReason reason : DropReason.values()) assertEquals(0, port.losses(reason), reason::name);
        }
    }
}
