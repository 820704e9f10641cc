package dev.peregrine.gateway.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final long MIB = 1 << 20;
    private static final Room ROOMY = new Room(100_000 * MIB, 1_000_000 * MIB, 1 << 20);

    /** The heap that a gateway has by default, on a machine of 1 GiB. */
    private static final Room DEFAULT = new Room(164 * MIB, 1024 * MIB, 20_000);

    @Test
    void buffersDoNotGrowWithPortsAsTheseHoldNoneAtRest() throws BadConfig {
        assertEquals(625, new Budget(vnis(1, 1), 1).buffers());
        assertEquals(625, new Budget(vnis(1000, 1), 1).buffers());
        assertEquals(625 + 512, new Budget(vnis(1, 1), 2).buffers());
    }

    @Test
    void theLargestFloodHasRoom() throws BadConfig {
        int before = new Budget(vnis(1, 1), 1).buffers();
        assertEquals(before + 1001 - 192, new Budget(vnis(1, 1000), 1).buffers(), "1000 ports and a VTEP");
    }

    @Test
    void shadowModeAndSocketPortsHaveTheirBuffers() throws BadConfig {
        int before = new Budget(vnis(1, 1), 1).buffers();
        assertEquals(
                before + 64,
                new Budget(file("fastpath: {shadow: 10}\n" + text(1, 1)).config(), 1).buffers());
        String socket = "      - {name: app, type: socket, listen: \"10.0.0.9:9\", deliver: \"udp:127.0.0.1:9\"}\n";
        assertEquals(before + 64 + 1, new Budget(file(text(1, 1) + socket).config(), 1).buffers());
    }

    @Test
    void socketPortsHaveMemoryToReassembleIn() throws BadConfig {
        String socket = "      - {name: app, type: socket, listen: \"10.0.0.9:9\", deliver: \"udp:127.0.0.1:9\"}\n";
        long before = offHeapOfPorts(text(1, 1));
        assertEquals(2 * MIB, offHeapOfPorts(text(1, 1) + socket) - before, "16 datagrams of 64 KiB, for two workers");
    }

    private static long offHeapOfPorts(String text) throws BadConfig {
        return new Budget(file(text).config(), 2)
                .parts().stream()
                        .filter(part -> part.name().equals("ports"))
                        .mapToLong(Budget.Part::offHeap)
                        .sum();
    }

    /** The figures are medians of gateways that were idle for some minutes, in MiB. */
    @Test
    void theSumOfAnIdleGatewayIsWithinATenthOfWhatWasMeasured() throws BadConfig {
        assertNear(108, vnis(1, 1));
        assertNear(105, vnis(10, 1));
        assertNear(124, vnis(100, 1));
        assertNear(225, vnis(1000, 1));
    }

    private static void assertNear(long mib, GatewayConfig config) {
        assertEquals((double) mib, (double) new Budget(config, 1).idle() / MIB, mib / 10.0);
    }

    @Test
    void aThousandPortsFitTheDefaultHeap() throws BadConfig {
        file(text(1000, 1)).check(DEFAULT);
        file(text(1, 1000)).check(DEFAULT);
    }

    @Test
    void aControlPlaneHasRoomForAllItsEntries() throws BadConfig {
        String plane = "control: {planes: [{name: dir, type: file, path: /claims}]}\n";
        Budget with = new Budget(file(plane + text(1, 1)).config(), 1);
        assertEquals(Fdb.bytes(131_072), with.heap() - new Budget(vnis(1, 1), 1).heap());
        file(plane + text(1, 1)).check(DEFAULT);
    }

    @Test
    void theFdbHasPlacesForAllLimitsIfTheHeapHas() throws BadConfig {
        assertEquals(1 + 10 * 8193, new Budget(vnis(10, 1), 1).fdbCapacity(ROOMY));
        Budget many = new Budget(vnis(1000, 1), 1);
        assertEquals(1 + 1000 * 8193, many.fdbCapacity(ROOMY));
        int shared = many.fdbCapacity(DEFAULT);
        assertTrue(shared >= 8192 + 1001 && Fdb.bytes(shared) < 164 * MIB, shared + " entries");
        assertTrue(many.fdbShare(shared) > 8 && many.fdbShare(shared) * 1000 <= shared, "a share for each VNI");
    }

    @Test
    void refusesFlowStatesThatDoNotFitTheHeap() throws BadConfig {
        assertRefused(
                "flowStates: {capacity: 16777216}\n" + text(1, 1),
                DEFAULT,
                "f:1: flowStates.capacity: found 16777216, which makes 768 MiB of heap for flow states;",
                "expected at most 164 MiB with everything else",
                "PEREGRINE_JAVA_OPTS=-Xmx");
        file("flowStates: {capacity: 16777216}\n" + text(1, 1)).check(ROOMY);
    }

    @Test
    void refusesAnFdbThatDoesNotFitTheHeapWhileItGrows() {
        assertRefused(
                text(1, 1).replace("vni: 1\n", "vni: 1\n    fdbLimit: 1048576\n"),
                DEFAULT,
                "f:4: vnis[0].fdbLimit: found 1048576, which makes 256 MiB of heap for the FDB and neighbours;");
    }

    @Test
    void refusesAFlowCacheThatDoesNotFitTheMemory() {
        assertRefused(
                "fastpath: {capacity: 16777216}\n" + text(1, 1),
                DEFAULT,
                "f:1: fastpath.capacity: found 16777216, which makes 3200 MiB beside the heap for the flow cache",
                "the heap of 246 MiB included");
    }

    @Test
    void refusesMorePortsThanFileDescriptors() {
        assertRefused(
                text(1, 1000),
                new Room(164 * MIB, 1024 * MIB, 1024),
                "file descriptors; expected at most 1024 that this process may open: raise the limit (ulimit -n");
    }

    @Test
    void warnsOfRemotesThatFileDescriptorsDoNotSufficeFor() throws BadConfig {
        ConfigFile file = file("""
                workers: {count: 1}
                underlay: {local: 198.18.0.1}
                vnis:
                  - vni: 1
                    ports: [{name: app, type: socket, listen: "10.0.0.9:9", deliver: "udp:127.0.0.1:9"}]
                """);
        file.check(new Room(164 * MIB, 1024 * MIB, 1024));
        assertTrue(file.warnings().getLast().contains("1024 remotes"), file.warnings()::toString);
    }

    @Test
    void findsRoomOnThisMachine() {
        for (Room room : new Room[] {Room.ofMachine(), Room.left()}) {
            assertTrue(room.heap() > 0 && room.memory() > room.heap() && room.descriptors() > 0, room::toString);
        }
    }

    private static void assertRefused(String text, Room room, String... parts) {
        BadConfig bad = assertThrows(BadConfig.class, () -> file(text).check(room));
        for (String part : parts) {
            assertTrue(String.valueOf(bad.getMessage()).contains(part), bad.getMessage());
        }
    }

    private static ConfigFile file(String text) throws BadConfig {
        return ConfigFile.parse("f", text);
    }

    private static GatewayConfig vnis(int vnis, int ports) throws BadConfig {
        return file(text(vnis, ports)).config();
    }

    private static String text(int vnis, int ports) {
        StringBuilder text = new StringBuilder("underlay: {local: 198.18.0.1}\nvnis:\n");
        for (int vni = 1; vni <= vnis; vni++) {
            text.append("  - vni: ").append(vni).append('\n');
            text.append("    flood: [198.18.0.2]\n    ports:\n");
            for (int port = 0; port < ports; port++) {
                String name = "t" + vni + "-" + port;
                text.append("      - {name: ")
                        .append(name)
                        .append(", type: tap, device: ")
                        .append(name)
                        .append("}\n");
            }
        }
        return text.toString();
    }
}
