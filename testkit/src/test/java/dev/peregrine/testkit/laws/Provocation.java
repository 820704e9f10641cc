package dev.peregrine.testkit.laws;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.dataplane.stage.Stage;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.Gen;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.AllowList;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A gateway that is about to meet a packet for a {@link DropReason}; all that the reason leaves open is random. */
final class Provocation implements AutoCloseable {
    private static final int SEGMENT = 0;
    private static final int PORTS = 3;
    private static final int LONELY_PORT = 3;
    private static final IpAddress LOCAL = World.address(0);
    private static final IpAddress REMOTE = World.address(1);
    private static final IpAddress STRANGER = World.address(2);

    private final Gen gen;
    private final int vni;
    private final long a;
    private final long b;
    private final MemoryNetwork network = new MemoryNetwork();
    private final Set<DropReason> shown = EnumSet.noneOf(DropReason.class);
    private MemoryGateway gateway;
    private int tunnel;

    /** Three ports in one segment, and one alone in another. */
    private MemoryGateway gateway(int buffers, int queue, int vteps) {
        List<Segment> segments = List.of(new Segment(0, vni, 1450, false), new Segment(1, vni + 1, 1450, false));
        MemoryGateway made = new MemoryGateway(
                network,
                LOCAL,
                new GatewayShape(segments, List.of(0, 0, 0, 1), buffers, queue, vteps, true, FailingStage::new));
        made.drops(0).witnessedBy((stage, packet, reason) -> shown.add(reason));
        return made;
    }

    /** The reasons of which a packet was shown while it was whole. */
    Set<DropReason> shown() {
        return shown;
    }

    Provocation(Gen gen) {
        this.gen = gen;
        vni = gen.below((1 << 24) - 2);
        a = gen.mac();
        b = a ^ (1 + gen.below(1 << 16));
        gateway = gateway(64, 100, 8);
        tunnel = gateway.addVtep(REMOTE);
    }

    /** Returns a gateway that has met a packet for the reason, to be closed with this. */
    MemoryGateway provoke(DropReason reason) {
        send(reason);
        gateway.run();
        return gateway;
    }

    @Override
    public void close() {
        gateway.close();
    }

    private void send(DropReason reason) {
        switch (reason) {
            case VXLAN_TRUNCATED, VXLAN_INVALID_HDR, VXLAN_VNI_NOT_FOUND, INNER_HEADER_INVALID, IP_TUNNEL_ECN ->
                provokeAtDecap(reason);
            case VTEP_NOT_ALLOWED, VTEP_TABLE_FULL, UNDERLAY_RECEIVE_OVERFLOW, UNDERLAY_TRUNCATED, POOL_EMPTY ->
                provokeAtUnderlay(reason);
            case MAC_INVALID_SOURCE,
                    MAC_RESERVED_GROUP,
                    FDB_STATIC_ENTRY,
                    UNKNOWN_UNICAST,
                    SAME_PORT,
                    TUNNEL_TO_TUNNEL,
                    NO_FLOOD_MEMBER,
                    FLOOD_COPY_FAILED,
                    PORT_UNKNOWN -> provokeAtBridge(reason);
            case INNER_VLAN_TAGGED, MTU_EXCEEDED, PORT_DOWN, ENDPOINT_FULL -> provokeAtPort(reason);
            case POLICY_DENIED, POLICY_DEFAULT, POLICY_UNREADABLE -> provokeAtPolicy(reason);
            case LINK_FULL -> {
                gateway.schedule(new Schedule.Queued(1));
                send(0, udp(b, a).build());
                send(0, udp(b, a).build());
            }
            case STAGE_FAILED -> send(0, udp(FailingStage.TRIGGER, a).build());
            default -> throw new IllegalArgumentException("nothing provokes " + reason);
        }
    }

    private void provokeAtDecap(DropReason reason) {
        byte[] frame = udp(b, a).build();
        switch (reason) {
            case VXLAN_TRUNCATED -> receive(REMOTE, 0, World.vxlan(vni, new byte[EthernetHeader.LENGTH - 1]));
            case VXLAN_INVALID_HDR -> receive(REMOTE, 0, new byte[100]);
            case VXLAN_VNI_NOT_FOUND -> receive(REMOTE, 0, World.vxlan(vni + 2, frame));
            case INNER_HEADER_INVALID -> {
                frame[EthernetHeader.LENGTH + 2] = 0x7f; // total length
                receive(REMOTE, 0, World.vxlan(vni, frame));
            }
            case IP_TUNNEL_ECN -> receive(REMOTE, 3, World.vxlan(vni, frame));
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtUnderlay(DropReason reason) {
        byte[] datagram = World.vxlan(vni, udp(b, a).build());
        switch (reason) {
            case VTEP_NOT_ALLOWED -> receive(STRANGER, 0, datagram);
            case VTEP_TABLE_FULL -> {
                replace(gateway(64, 100, 1));
                gateway.vteps().allow(AllowList.of(List.of(new Prefix(LOCAL.toInetAddress(), 24))));
                gateway.vteps().port(STRANGER.high(), STRANGER.low() + 1); // takes the only place
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
                int length = gen.below(1000);
                for (int i = 0; i < 3; i++) { // one aggregate, three flows, two views
                    byte[] frame = udp(b, a).ports(i, i).payload(length).build();
                    receive(REMOTE, 0, World.vxlan(vni, frame));
                }
            }
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtBridge(DropReason reason) {
        byte[] frame = udp(b, a).build();
        byte[] broadcast = udp(EthernetHeader.BROADCAST, a).build();
        switch (reason) {
            case MAC_INVALID_SOURCE -> send(0, udp(b, EthernetHeader.BROADCAST).build());
            case MAC_RESERVED_GROUP ->
                send(0, udp(0x0180_c200_0000L + gen.below(16), a).build());
            case FDB_STATIC_ENTRY -> {
                gateway.fdb().add(SEGMENT, a, 1, true, 0);
                send(0, frame);
            }
            case UNKNOWN_UNICAST -> {
                gateway.bridge().dropUnknown(SEGMENT, true);
                send(0, frame);
            }
            case SAME_PORT -> {
                gateway.fdb().learn(SEGMENT, b, 0, 0);
                send(0, frame);
            }
            case TUNNEL_TO_TUNNEL -> {
                gateway.fdb().learn(SEGMENT, b, gateway.addVtep(STRANGER), 0);
                receive(REMOTE, 0, World.vxlan(vni, frame));
            }
            case NO_FLOOD_MEMBER -> send(LONELY_PORT, broadcast);
            case FLOOD_COPY_FAILED -> {
                replace(gateway(1, 100, 8));
                send(0, broadcast);
            }
            case PORT_UNKNOWN -> {
                gateway.fdb().learn(SEGMENT, b, PORTS + 1, 0);
                gateway.fdb().learn(SEGMENT, a, unusedTunnel(), 0);
                send(0, frame);
                send(0, udp(a, b).build());
            }
            default -> throw new IllegalArgumentException();
        }
    }

    private void provokeAtPort(DropReason reason) {
        byte[] broadcast = udp(EthernetHeader.BROADCAST, a).build();
        switch (reason) {
            case INNER_VLAN_TAGGED ->
                send(0, udp(b, a).tag(EthernetHeader.VLAN, 5).build());
            case MTU_EXCEEDED -> send(0, udp(b, a).payload(1451).build());
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
        byte[] frame = udp(b, a).build();
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

    /** Any flow, but for what the reasons need: an IPv4 header to damage, and no ECN. */
    private FrameBuilder udp(long destination, long source) {
        return FrameBuilder.udp4()
                .macs(destination, source)
                .addresses("10.0.0." + gen.below(256), "10.1.0." + gen.below(256))
                .ports(gen.below(1 << 16), gen.below(1 << 16))
                .tos(gen.below(64) << 2)
                .payload(gen.bytes(1 + gen.below(1000)));
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
