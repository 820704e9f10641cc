package dev.peregrine.testkit.laws;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.testing.SeededTest;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Law 9: every drop reason has a packet that provokes it. */
class DropReasonTest {
    private static final String TAP =
            "dataplane/src/test/java/dev/peregrine/dataplane/endpoint/device/TapEndpointLiveTest.java";
    private static final String INTERFACE =
            "gateway/src/test/java/dev/peregrine/gateway/live/port/InterfacePortTest.java";
    private static final String SUPERFRAME =
            "dataplane/src/test/java/dev/peregrine/dataplane/endpoint/device/SuperframeTest.java";
    private static final String MERGED =
            "dataplane/src/test/java/dev/peregrine/dataplane/offload/MergedMessageTest.java";
    private static final String LEDGER = "gateway/src/test/java/dev/peregrine/gateway/live/ledger/WayInTest.java";
    private static final String SOCKET =
            "dataplane/src/test/java/dev/peregrine/dataplane/endpoint/socket/SocketEndpointDatagramsTest.java";
    private static final String REASSEMBLY = SOCKET.replace("DatagramsTest", "ReassemblyTest");
    private static final String FRAGMENTS = SOCKET.replace("DatagramsTest", "FragmentsTest");
    private static final String UNDERLAY =
            "vxlan/src/test/java/dev/peregrine/vxlan/underlay/socket/NativeUnderlayTest.java";

    private static final String POLICY = "dataplane/src/test/java/dev/peregrine/dataplane/policy/";

    /** Reasons that need a kernel, local sockets or policy, and the test with their packet, by its path. */
    private static final Map<DropReason, String> ELSEWHERE = new EnumMap<>(Map.ofEntries(
            Map.entry(DropReason.ENDPOINT_REFUSED, TAP),
            Map.entry(DropReason.UNDERLAY_REFUSED, UNDERLAY),
            Map.entry(DropReason.UNDERLAY_UNREACHABLE, UNDERLAY),
            Map.entry(DropReason.UNDERLAY_FULL, UNDERLAY),
            Map.entry(DropReason.UNDERLAY_DOWN, UNDERLAY.replace("socket/NativeUnderlayTest", "UnderlaySlotTest")),
            Map.entry(DropReason.SOCKET_NOT_OURS, SOCKET),
            Map.entry(DropReason.INNER_CHECKSUM, SOCKET),
            Map.entry(DropReason.INNER_FRAGMENT, REASSEMBLY),
            Map.entry(DropReason.FRAG_OVERLAP, REASSEMBLY),
            Map.entry(DropReason.DUP_FRAG, REASSEMBLY),
            Map.entry(DropReason.FRAG_REASM_TIMEOUT, REASSEMBLY),
            Map.entry(DropReason.FRAG_EVICTED, REASSEMBLY),
            Map.entry(DropReason.SOCKET_TOO_LONG, FRAGMENTS),
            Map.entry(DropReason.SOCKET_UNREACHABLE, SOCKET),
            Map.entry(DropReason.SOCKET_NO_PEER, SOCKET),
            Map.entry(DropReason.INTERFACE_RECEIVE_OVERFLOW, INTERFACE),
            Map.entry(DropReason.SUPERFRAME_UNSUPPORTED, SUPERFRAME),
            Map.entry(DropReason.SUPERFRAME_SEGMENTS, SUPERFRAME),
            Map.entry(DropReason.SUPERFRAME_TOO_LONG, SUPERFRAME),
            Map.entry(DropReason.UNDERLAY_AMBIGUOUS, MERGED),
            Map.entry(DropReason.UNDERLAY_CHECKSUM, LEDGER),
            Map.entry(
                    DropReason.UNDERLAY_SHED,
                    "fastpath/src/test/java/dev/peregrine/fastpath/kernel/MergedLiveTest.java"),
            Map.entry(DropReason.STORM_LIMIT, POLICY + "StormControlTest.java"),
            Map.entry(DropReason.RATE_LIMIT, POLICY + "TokenBucketTest.java"),
            Map.entry(DropReason.SPOOFED_SOURCE_MAC, POLICY + "antispoof/SourceGuardTest.java"),
            Map.entry(DropReason.SPOOFED_SOURCE_ADDRESS, POLICY + "antispoof/SourceGuardTest.java"),
            Map.entry(DropReason.SPOOFED_ARP, POLICY + "antispoof/SourceGuardTest.java"),
            Map.entry(DropReason.SPOOFED_ND, POLICY + "antispoof/NeighbourGuardTest.java"),
            Map.entry(DropReason.SPOOFED_DHCP, POLICY + "antispoof/SourceGuardTest.java"),
            Map.entry(DropReason.STATE_TABLE_FULL, POLICY + "conntrack/FlowStatesTest.java"),
            Map.entry(DropReason.STATE_INVALID, POLICY + "conntrack/FlowTrackerFixture.java")));

    static final Set<DropReason> NEEDING_A_KERNEL = ELSEWHERE.keySet();

    /** Reasons without a packet: queues of the kernel that are hard to fill. */
    private static final Set<DropReason> NOWHERE = EnumSet.of(DropReason.TAP_TRANSMIT_OVERFLOW);

    /** Reasons for which no packet can be shown: docs/observing.md says why. */
    private static final Set<DropReason> UNSEEN =
            EnumSet.of(DropReason.POOL_EMPTY, DropReason.STAGE_FAILED, DropReason.UNDERLAY_RECEIVE_OVERFLOW);

    /** All others. */
    static final Set<DropReason> IN_MEMORY = EnumSet.allOf(DropReason.class);

    static {
        IN_MEMORY.removeAll(ELSEWHERE.keySet());
        IN_MEMORY.removeAll(NOWHERE);
    }

    @ParameterizedTest
    @FieldSource("IN_MEMORY")
    void aPacketProvokesIt(DropReason reason) {
        assertProvoked(Gen.ofThisRun(), reason);
    }

    @SeededTest
    void aPacketProvokesEachWhateverElseIsInIt() {
        Gen gen = Gen.ofThisRun();
        IN_MEMORY.forEach(reason -> assertProvoked(gen, reason));
    }

    private static void assertProvoked(Gen gen, DropReason reason) {
        try (Provocation provocation = new Provocation(gen)) {
            MemoryGateway gateway = provocation.provoke(reason);
            Supplier<String> where = () -> gen + ", " + reason;
            assertTrue(gateway.dropped(reason) > 0, where);
            assertTrue(gateway.isAtRest(), where);
            assertEquals(!UNSEEN.contains(reason), provocation.shown().contains(reason), where);
            assertEquals(
                    reason == DropReason.STAGE_FAILED ? 1 : 0, gateway.faults().size(), where);
        }
    }

    @ParameterizedTest
    @FieldSource("NEEDING_A_KERNEL")
    void aTestElsewhereHasItsPacket(DropReason reason) throws IOException {
        Path test = Path.of("..", requireNonNull(ELSEWHERE.get(reason)));
        assertTrue(Files.readString(test).contains("DropReason." + reason), () -> test + " does not know " + reason);
    }
}
