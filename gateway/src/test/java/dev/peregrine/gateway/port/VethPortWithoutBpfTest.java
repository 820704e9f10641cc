package dev.peregrine.gateway.port;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.TapPortConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class VethPortWithoutBpfTest {
    private static final String YAML = """
            underlay: {local: 198.18.0.2}
            vnis:
              - vni: 42
                flood: [198.18.0.1]
                ports: [{name: pod, type: veth, device: pgtest0}]
            """;

    @Test
    void saysWhyAndWhatToDo() throws Exception {
        ConfigFile file = ConfigFile.parse("f", YAML);
        Tables tables = new Tables(file.config(), new Segments(1), new Budget(file.config(), 1), () -> {});
        TapPortConfig config =
                (TapPortConfig) file.config().vnis().getFirst().ports().getFirst();
        String why = "bpf PROG_LOAD(pg_probe, 2 instructions): EPERM (operation not permitted): it wants CAP_BPF";
        VethPort port = new VethPort(
                new Port(0, "pod", 0, false, 1450),
                config,
                false,
                TapCheck::none,
                new BpfSupport(why, why),
                new LocalPort.Means(List.of(), tables, changed -> {}));
        port.look(Surroundings.read(/* withRoutes= */ false), 0);
        assertEquals(LocalPort.State.FAILED, port.state());
        assertEquals(
                "a port of type veth is joined by BPF programs, which cannot be had: " + why
                        + "; or give the port type tap, which needs none, and reload",
                port.reason());
    }
}
