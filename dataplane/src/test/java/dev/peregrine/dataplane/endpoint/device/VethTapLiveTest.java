package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TestRun;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup;
import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Loopback;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("live")
class VethTapLiveTest {
    private static final long MAC = 0x0200_0000_0002L;
    private static final Prefix ADDRESS = new Prefix(Loopback.ip("198.19.0.2"), 24);

    private Namespace gateway;
    private Namespace workload;

    @BeforeEach
    void create() {
        Live.requireBpf();
        gateway = Live.tapNamespace();
        workload = Live.namespace();
    }

    @AfterEach
    void delete() {
        gateway.close();
        workload.close();
    }

    private VethTap open(InterfaceSetup setup) throws LinuxException {
        return gateway.inside(() -> VethTap.open("web", "eth0", workload.netNamespace(), setup, VethTap.tapBuilder()));
    }

    private static InterfaceSetup setup(Route... routes) {
        return new InterfaceSetup(MAC, 1400, List.of(ADDRESS), List.of(routes));
    }

    @Test
    void closingLeavesNothing() throws LinuxException {
        VethTap device = open(setup());
        assertEquals(List.of("pgveth0"), gateway.devices("veth"));
        assertEquals(List.of("pgtap0"), gateway.devices("tun"));
        assertTrue(workload.ip("address show dev eth0").contains("198.19.0.2/24"));
        assertFalse(gateway.inside(device::gone));
        gateway.inside(() -> {
            device.mtu(1300);
            assertEquals(1300, device.link().orElseThrow().mtu());
            return true;
        });
        workload.ip("link del eth0");
        assertTrue(gateway.inside(device::gone));
        gateway.inside(() -> {
            device.close();
            device.close();
            return true;
        });
        assertBare();
    }

    @Test
    void aFailureLeavesNothing() {
        Route nowhere = new Route(new Prefix(Loopback.ip("198.18.0.0"), 24), Loopback.ip("203.0.113.1"));
        assertThrows(LinuxException.class, () -> open(setup(nowhere)));
        assertBare();
    }

    @Test
    void twoPairsHaveNamesOfTheirOwn() throws LinuxException {
        VethTap one = open(setup());
        VethTap two = gateway.inside(() -> VethTap.open(
                "db",
                "eth1",
                workload.netNamespace(),
                new InterfaceSetup(MAC + 1, 1400, List.of(), List.of()),
                VethTap.tapBuilder()));
        assertEquals(
                List.of("eth0", "eth1"),
                workload.devices("veth").stream().sorted().toList());
        assertEquals(0, gateway.inside(VethTap::removeStale), "both have their TAPs");
        gateway.inside(() -> {
            one.close();
            two.close();
            return true;
        });
        assertBare();
    }

    private void assertBare() {
        assertEquals(List.of(), gateway.devices("veth"));
        assertEquals(List.of(), gateway.devices("tun"));
        assertEquals(List.of(), workload.devices("veth"));
    }

    /** Where a redirected frame would go is not to be seen in a test run: the verdict is, and that no byte changes. */
    @Test
    void theProgramsRedirectEveryFrameAsItIs() throws LinuxException {
        for (Program program : List.of(VethGlue.toTap(1), VethGlue.throughPair(1), VethGlue.toWorkload(1, MAC))) {
            try (LoadedProgram loaded = LoadedProgram.load(program)) {
                for (long mac : new long[] {MAC, MAC + 1, 0xffff_ffff_ffffL}) {
                    byte[] frame = FrameBuilder.udp4().macs(mac, 1).payload(18).build();
                    TestRun run = loaded.run(frame);
                    assertEquals(Verdict.REDIRECT, run.verdict(), program::toString);
                    assertArrayEquals(frame, run.frame());
                }
            }
        }
    }
}
