package dev.peregrine.testkit.laws;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.linux.Prefix;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.Match;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Law 9: every drop reason has a packet that provokes it. */
class DropReasonTest {
    private static final String TAP =
            "dataplane/src/test/java/dev/peregrine/dataplane/endpoint/TapEndpointLiveTest.java";
    private static final String INTERFACE = "gateway/src/test/java/dev/peregrine/gateway/live/InterfacePortTest.java";
    private static final String SOCKET =
            "dataplane/src/test/java/dev/peregrine/dataplane/endpoint/SocketEndpointTest.java";
    private static final String UNDERLAY = "vxlan/src/test/java/dev/peregrine/vxlan/underlay/NativeUnderlayTest.java";

    private static final String POLICY = "dataplane/src/test/java/dev/peregrine/dataplane/policy/";

    /** Reasons that need a kernel, local sockets or policy, and the test with their packet, by its path. */
    private static final Map<DropReason, String> ELSEWHERE = new EnumMap<>(Map.ofEntries(
            Map.entry(DropReason.ENDPOINT_REFUSED, TAP),
            Map.entry(DropReason.UNDERLAY_REFUSED, UNDERLAY),
            Map.entry(DropReason.SOCKET_NOT_OURS, SOCKET),
            Map.entry(DropReason.INNER_CHECKSUM, SOCKET),
            Map.entry(DropReason.INNER_FRAGMENT, SOCKET),
            Map.entry(DropReason.SOCKET_UNREACHABLE, SOCKET),
            Map.entry(DropReason.SOCKET_NO_PEER, SOCKET),
            Map.entry(DropReason.INTERFACE_RECEIVE_OVERFLOW, INTERFACE),
            Map.entry(DropReason.STORM_LIMIT, POLICY + "StormControlTest.java"),
            Map.entry(DropReason.RATE_LIMIT, POLICY + "TokenBucketTest.java"),
            Map.entry(DropReason.SPOOFED_SOURCE_MAC, POLICY + "SourceGuardTest.java"),
            Map.entry(DropReason.SPOOFED_SOURCE_ADDRESS, POLICY + "SourceGuardTest.java"),
            Map.entry(DropReason.SPOOFED_ARP, POLICY + "SourceGuardTest.java"),
            Map.entry(DropReason.SPOOFED_ND, POLICY + "NeighbourGuardTest.java"),
            Map.entry(DropReason.SPOOFED_DHCP, POLICY + "SourceGuardTest.java"),
            Map.entry(DropReason.STATE_TABLE_FULL, POLICY + "FlowStatesTest.java"),
            Map.entry(DropReason.STATE_INVALID, POLICY + "FlowTrackerTest.java")));

    static final Set<DropReason> NEEDING_A_KERNEL = ELSEWHERE.keySet();

    /** Reasons without a packet: queues of the kernel that are hard to fill. */
    private static final Set<DropReason> NOWHERE =
            EnumSet.of(DropReason.UNDERLAY_FULL, DropReason.TAP_TRANSMIT_OVERFLOW);

    /** All others. */
    static final Set<DropReason> IN_MEMORY = EnumSet.allOf(DropReason.class);

    static {
        IN_MEMORY.removeAll(ELSEWHERE.keySet());
        IN_MEMORY.removeAll(NOWHERE);
    }

    private static final int VNI = 42;
    private static final int SEGMENT = 0;
    private static final int PORTS = 3;
    private static final int LONELY_PORT = 3;
    private static final long A = 0x0200_0000_000aL;
    private static final long B = 0x0200_0000_000bL;
    private static final IpAddress LOCAL = World.address(0);
    private static final IpAddress REMOTE = World.address(1);
    private static final IpAddress STRANGER = World.address(2);

    private final MemoryNetwork network = new MemoryNetwork();
    private MemoryGateway gateway = gateway(64, 100, 8);
    private int tunnel = gateway.addVtep(REMOTE);

    /** Three ports in one segment, and one alone in another. */
    private MemoryGateway gateway(int buffers, int queue, int vteps) {
        List<Segment> segments = List.of(new Segment(0, VNI, 1450, false), new Segment(1, VNI + 1, 1450, false));
        return new MemoryGateway(
                network,
                LOCAL,
                new MemoryGateway.Shape(segments, List.of(0, 0, 0, 1), buffers, queue, vteps, true, FailingStage::new));
    }

    @AfterEach
    void close() {
        gateway.close();
    }

    @ParameterizedTest
    @FieldSource("IN_MEMORY")
    void aPacketProvokesIt(DropReason reason) {
        provoke(reason);
        gateway.run();
        assertTrue(gateway.dropped(reason) > 0, () -> "not dropped as " + reason);
        assertTrue(gateway.isAtRest(), "a packet was lost");
        assertEquals(reason == DropReason.STAGE_FAILED ? 1 : 0, gateway.faults().size());
    }

    @ParameterizedTest
    @FieldSource("NEEDING_A_KERNEL")
    void aTestElsewhereHasItsPacket(DropReason reason) throws IOException {
        Path test = Path.of("..", requireNonNull(ELSEWHERE.get(reason)));
        assertTrue(Files.readString(test).contains("DropReason." + reason), () -> test + " does not know " + reason);
    }

    private void provoke(DropReason reason) {
        switch (reason) {
            case VXLAN_TRUNCATED, VXLAN_INVALID_HDR, VXLAN_VNI_NOT_FOUND, INNER_HEADER_INVALID, IP_TUNNEL_ECN ->
                provokeAtDecap(reason);
            case VTEP_NOT_ALLOWED, VTEP_TABLE_FULL, UNDERLAY_RECEIVE_OVERFLOW, UNDERLAY_TRUNCATED, POOL_EMPTY ->
                provokeAtUnderlay(reason);
            case MAC_INVALID_SOURCE,
                    FDB_STATIC_ENTRY,
                    SAME_PORT,
                    TUNNEL_TO_TUNNEL,
                    NO_FLOOD_MEMBER,
                    FLOOD_COPY_FAILED,
                    PORT_UNKNOWN -> provokeAtBridge(reason);
            case INNER_VLAN_TAGGED, MTU_EXCEEDED, PORT_DOWN, ENDPOINT_FULL -> provokeAtPort(reason);
            case POLICY_DENIED, POLICY_DEFAULT, POLICY_UNREADABLE -> provokeAtPolicy(reason);
            case LINK_FULL -> {
                gateway.schedule(new Schedule.Queued(1));
                send(0, udp(B, A).build());
                send(0, udp(B, A).build());
            }
            case STAGE_FAILED -> send(0, udp(FailingStage.TRIGGER, A).build());
            default -> throw new IllegalArgumentException("nothing provokes " + reason);
        }
    }

    private void provokeAtDecap(DropReason reason) {
        byte[] frame = udp(B, A).build();
        switch (reason) {
            case VXLAN_TRUNCATED -> receive(REMOTE, 0, World.vxlan(VNI, new byte[EthernetHeader.LENGTH - 1]));
            case VXLAN_INVALID_HDR -> receive(REMOTE, 0, new byte[100]);
            case VXLAN_VNI_NOT_FOUND -> receive(REMOTE, 0, World.vxlan(VNI + 2, frame));
            case INNER_HEADER_INVALID -> {
                frame[EthernetHeader.LENGTH + 2] = 0x7f; // total length
                receive(REMOTE, 0, World.vxlan(VNI, frame));
            }
            case IP_TUNNEL_ECN -> receive(REMOTE, 3, World.vxlan(VNI, frame));
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtUnderlay(DropReason reason) {
        byte[] datagram = World.vxlan(VNI, udp(B, A).build());
        switch (reason) {
            case VTEP_NOT_ALLOWED -> receive(STRANGER, 0, datagram);
            case VTEP_TABLE_FULL -> {
                replace(gateway(64, 100, 1));
                gateway.vteps().allow(AllowList.of(List.of(new Prefix(LOCAL.toInetAddress(), 24))));
                receive(STRANGER, 0, datagram);
            }
            case UNDERLAY_RECEIVE_OVERFLOW -> {
                replace(gateway(64, 1, 8));
                receive(REMOTE, 0, datagram);
                receive(REMOTE, 0, datagram);
            }
            case UNDERLAY_TRUNCATED -> receive(REMOTE, 0, new byte[PacketPool.ROOM + 1]);
            case POOL_EMPTY -> {
                replace(gateway(1, 100, 8));
                for (int i = 0; i < 3; i++) { // one aggregate, three flows, two views
                    receive(REMOTE, 0, World.vxlan(VNI, udp(B, A).ports(i, i).build()));
                }
            }
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtBridge(DropReason reason) {
        byte[] frame = udp(B, A).build();
        byte[] broadcast = udp(EthernetHeader.BROADCAST, A).build();
        switch (reason) {
            case MAC_INVALID_SOURCE -> send(0, udp(B, EthernetHeader.BROADCAST).build());
            case FDB_STATIC_ENTRY -> {
                gateway.fdb().add(SEGMENT, A, 1, true, 0);
                send(0, frame);
            }
            case SAME_PORT -> {
                gateway.fdb().learn(SEGMENT, B, 0, 0);
                send(0, frame);
            }
            case TUNNEL_TO_TUNNEL -> {
                gateway.fdb().learn(SEGMENT, B, gateway.addVtep(STRANGER), 0);
                receive(REMOTE, 0, World.vxlan(VNI, frame));
            }
            case NO_FLOOD_MEMBER -> send(LONELY_PORT, broadcast);
            case FLOOD_COPY_FAILED -> {
                replace(gateway(1, 100, 8));
                send(0, broadcast);
            }
            case PORT_UNKNOWN -> {
                gateway.fdb().learn(SEGMENT, B, PORTS + 1, 0);
                gateway.fdb().learn(SEGMENT, A, unusedTunnel(), 0);
                send(0, frame);
                send(0, udp(A, B).build());
            }
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtPort(DropReason reason) {
        byte[] broadcast = udp(EthernetHeader.BROADCAST, A).build();
        switch (reason) {
            case INNER_VLAN_TAGGED ->
                send(0, udp(B, A).tag(EthernetHeader.VLAN, 5).build());
            case MTU_EXCEEDED -> send(0, udp(B, A).payload(1451).build());
            case PORT_DOWN -> {
                gateway.attach(1, false);
                send(0, broadcast);
            }
            case ENDPOINT_FULL -> {
                replace(gateway(64, 1, 8));
                send(0, broadcast);
                send(0, broadcast);
            }
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtPolicy(DropReason reason) {
        Rule rule = switch (reason) {
            case POLICY_DENIED -> Rule.of("deny", Action.DENY, Match.ALL);
            default -> Rule.of("arp", Action.ALLOW, protocol(Match.ARP));
        };
        RuleList rules = RuleList.of(List.of(rule), false, 1, null, gateway.nowNanos());
        gateway.policy().publish(PolicySnapshot.EMPTY.withPort(0, ScopePolicy.of(rules, null)));
        byte[] frame = udp(B, A).build();
        if (reason == DropReason.POLICY_UNREADABLE) {
            frame[EthernetHeader.LENGTH + 2] = 0x7f; // total length
        }
        send(0, frame);
    }

    private static Match protocol(int protocol) {
        return new Match(protocol, null, null, Match.ANY, Match.ANY, List.of(), List.of(), null, null, 0, 0);
    }

    private void replace(MemoryGateway other) {
        gateway.close();
        gateway = other;
        network.connect(LOCAL, gateway.underlay());
        tunnel = gateway.addVtep(REMOTE);
    }

    private int unusedTunnel() {
        return Ports.tunnel(Ports.tunnelIndex(tunnel) == 0 ? 1 : 0);
    }

    private static FrameBuilder udp(long destination, long source) {
        return FrameBuilder.udp4().macs(destination, source).payload(100);
    }

    private void send(int port, byte[] frame) {
        gateway.endpoint(port).send(frame);
    }

    private void receive(IpAddress source, int tos, byte[] payload) {
        network.send(new Datagram(source, LOCAL, 50_000, tos, 64, payload));
    }

    /** A stage that throws when it meets a frame for one MAC. */
    private record FailingStage(Stage stage) implements Stage {
        static final long TRIGGER = 0x0200_0000_0badL;

        @Override
        public String name() {
            return stage.name();
        }

        @Override
        public void process(Batch batch) {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.packet(i).headLength() >= EthernetHeader.LENGTH
                        && batch.packet(i).getMac(0) == TRIGGER) {
                    throw new IllegalStateException("a stage that fails");
                }
            }
            stage.process(batch);
        }
    }
}
