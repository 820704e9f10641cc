package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.PolicySnapshot;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.TokenBucket;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two VNIs with MTUs of their own: what is full-size in the one is not cut for the other's sake. */
class NetworkMtuTest {
    private static final int[] MTUS = {1450, 576};
    private static final int VNI = 42;
    private static final int HEADERS = 40;
    private static final IpAddress LOCAL = World.address(0);
    private static final IpAddress REMOTE = World.address(1);
    private static final long TO = 0x0200_0000_0002L;
    private static final long FROM = 0x0200_0000_0001L;

    /** The payload that fills the MTU is one wire packet, with its bytes untouched; one byte more makes two. */
    @ParameterizedTest
    @CsvSource({"0, 0, 1", "0, 1, 2", "1, 0, 1", "1, 1, 2", "1, 5000, 11", "0, 5000, 5"})
    void aDatagramIsJudgedByTheMtuOfItsOwnVni(int network, int more, int wirePackets) {
        MemoryNetwork wire = new MemoryNetwork();
        List<Segment> segments = List.of(new Segment(0, VNI, MTUS[0], false), new Segment(1, VNI + 1, MTUS[1], false));
        try (MemoryGateway gateway = new MemoryGateway(
                wire, LOCAL, new GatewayShape(segments, List.of(0, 1), 64, 100, 8, true, stage -> stage))) {
            gateway.addVtep(REMOTE);
            RuleList rules = limit(wirePackets);
            gateway.policy()
                    .publish(PolicySnapshot.EMPTY.withPort(
                            network, new ScopePolicy(null, rules, null, null, null, null, null)));
            gateway.endpoint(network)
                    .send(FrameBuilder.udp4().macs(FROM, TO).payload(9).build());
            gateway.run();
            int payload = MTUS[network] - HEADERS;
            byte[] frame = FrameBuilder.tcp4()
                    .macs(TO, FROM)
                    .id(7)
                    .payload(payload + more)
                    .build();
            wire.send(new Datagram(REMOTE, LOCAL, 50_000, 0, 64, World.vxlan(VNI + network, frame)));
            long before = gateway.segmentsIn();
            gateway.run();
            List<byte[]> expected = more == 0 ? List.of(frame) : Reference.segment(frame, 0, payload);
            List<byte[]> received = gateway.endpoint(network).received();
            assertEquals(wirePackets, expected.size());
            assertEquals(wirePackets, received.size());
            for (int i = 0; i < wirePackets; i++) {
                assertArrayEquals(expected.get(i), received.get(i), "segment " + i);
            }
            assertEquals(wirePackets, gateway.segmentsIn() - before);
            assertEquals(wirePackets, rules.entry(0).hits().packets());
            assertEquals(0, gateway.dropped(DropReason.RATE_LIMIT));
        }
    }

    /** A rule that lets {@code packets} packets pass at once. */
    private static RuleList limit(int packets) {
        Match tcp = new Match(IpProtocol.TCP, null, null, Match.ANY, Match.ANY, List.of(), List.of(), null, null, 0, 0);
        Rule rule = new Rule("limit", Action.LIMIT, tcp, 2L * packets, 0, TokenBucket.DEFAULT_BURST, 0);
        return RuleList.of(List.of(rule), false, 1, null, 0);
    }
}
