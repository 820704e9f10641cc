package dev.peregrine.gateway.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.gateway.config.Budget;
import dev.peregrine.gateway.config.ConfigFile;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.worker.FaultLog;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which ports must be looked at each second, however many there are: those whose device may go without a word. */
@Tag("live")
class SteadyPortLiveTest {
    @Test
    void aVethPortIsNotSteadyThoughItIsUp() throws Exception {
        Live.requireTap();
        BpfSupport bpf = BpfSupport.probe();
        Assumptions.assumeTrue(bpf.programs().isEmpty(), bpf.programs());
        try (Namespace namespace = Live.namespace()) {
            ConfigFile file = ConfigFile.parse("f", """
                underlay: {local: 198.18.0.2, offload: {tapOffload: "off"}}
                vnis:
                  - vni: 42
                    flood: [198.18.0.1]
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %1$s}
                      - {name: pod, type: veth, device: eth1, netns: %1$s}
                """.formatted(namespace.name()));
            Tables tables = new Tables(file.config(), new Segments(1), new Budget(file.config(), 1), () -> {});
            tables.prepareSegment(file.config().vnis().getFirst(), 1450);
            LocalPort.Means means = new LocalPort.Means(List.of(), tables, any -> {});
            List<PortConfig> configs = file.config().vnis().getFirst().ports();
            LocalPort tap = new TapPort(
                    new Port(0, "web", 0, false, 1450),
                    (TapPortConfig) configs.getFirst(),
                    false,
                    TapCheck::none,
                    means);
            LocalPort veth = new VethPort(
                    new Port(1, "pod", 0, false, 1450),
                    (TapPortConfig) configs.getLast(),
                    false,
                    TapCheck::none,
                    bpf,
                    means);
            PortWatch watch = new PortWatch(List.of(tap, veth), new FaultLog(), Runnable::run, () -> {});
            try {
                watch.look();
                assertEquals(LocalPort.State.UP, tap.state(), tap::reason);
                assertEquals(LocalPort.State.UP, veth.state(), veth::reason);
                assertTrue(tap.isSteady(), "its descriptor tells");
                assertFalse(veth.isSteady(), "the workload's end tells nobody");
                watch.look(); // at what has been made
                int before = index(veth);
                namespace.ip("link del eth1");
                watch.look();
                watch.look();
                assertEquals(LocalPort.State.UP, veth.state(), veth::reason);
                assertNotEquals(before, index(veth), "the look found that it had gone, and made another");
            } finally {
                tap.close();
                veth.close();
            }
        }
    }

    private static int index(LocalPort port) {
        return Objects.requireNonNull(port.device()).link().index();
    }
}
