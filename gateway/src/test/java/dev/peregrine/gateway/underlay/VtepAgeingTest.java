package dev.peregrine.gateway.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.VtepTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VtepAgeingTest {
    private static final int CAPACITY = 4;
    private static final long MAC = 0x0200_0000_0001L;
    private static final long SILENT = VtepAgeing.SILENT_NANOS;

    private final VtepTable vteps = new VtepTable(4789, CAPACITY);
    private final Fdb fdb = new Fdb(100);
    private final long[] received = new long[vteps.slots()];
    private final List<String> steps = new ArrayList<>();
    private Runnable learns = () -> {};
    private final VtepAgeing ageing = new VtepAgeing(
            vteps,
            fdb,
            index -> received[index],
            () -> learns.run(),
            () -> steps.add("changed"),
            () -> steps.add("awaited"),
            vtep -> steps.add("forgotten"));

    @BeforeEach
    void allowANetwork() {
        vteps.allow(AllowList.of(List.of(new Prefix(ip(0).toInetAddress(), 24))));
        fdb.configure(0, 100, 0);
    }

    private static IpAddress ip(int host) {
        return IpAddress.of(InetAddress.ofLiteral("198.18.0." + host));
    }

    private int port(int host) {
        return vteps.port(ip(host).high(), ip(host).low());
    }

    @Test
    void strangersFillTheTableForAWhileOnly() {
        for (int host = 1; host <= CAPACITY; host++) {
            port(host);
        }
        assertEquals(VtepTable.NO_ROOM, port(100));
        assertEquals(0, ageing.tick(0));
        assertEquals(0, ageing.tick(SILENT - 1));
        assertEquals(CAPACITY, ageing.tick(SILENT));
        assertTrue(Ports.isTunnel(port(100)));
        assertEquals(List.of("awaited", "changed", "awaited"), steps.subList(0, 3));
        assertEquals(
                Collections.nCopies(CAPACITY, "forgotten"), steps.subList(3, steps.size()), "before they are reused");
    }

    @Test
    void whoIsHeardOrConfiguredOrHasAMacStays() {
        int heard = port(1);
        int withMac = port(2);
        assertNotNull(vteps.configure(ip(3)));
        fdb.learn(0, MAC, withMac, 0);
        ageing.tick(0);
        received[Ports.tunnelIndex(heard)]++;
        ageing.tick(SILENT / 2);
        assertEquals(0, ageing.tick(SILENT));

        fdb.delete(0, MAC);
        assertEquals(2, ageing.tick(2 * SILENT));
        assertEquals(1, vteps.size(), "the configured one");
    }

    @Test
    void aMacThatIsLearnedMeanwhileDoesNotEndUpBehindAnother() {
        int port = port(1);
        ageing.tick(0);
        learns = () -> fdb.learn(0, MAC, port, SILENT);
        assertEquals(1, ageing.tick(SILENT));
        assertEquals(0, fdb.size());
        assertEquals(port, port(2), "the port is another's");
    }

    @Test
    void theNextOwnerOfAPortHasTimeOfItsOwn() {
        port(1);
        ageing.tick(0);
        ageing.tick(SILENT);
        port(2);
        assertEquals(0, ageing.tick(SILENT + 1));
        assertEquals(0, ageing.tick(2 * SILENT));
        assertEquals(1, ageing.tick(2 * SILENT + 1));
    }
}
