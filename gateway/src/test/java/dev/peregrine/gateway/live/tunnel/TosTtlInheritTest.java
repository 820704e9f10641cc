package dev.peregrine.gateway.live.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.gateway.live.lab.Conformance;
import dev.peregrine.gateway.live.lab.GatewayProcess;
import dev.peregrine.gateway.live.traffic.FrameSocket;
import dev.peregrine.gateway.live.traffic.PlayedVtep;
import dev.peregrine.gateway.live.traffic.VxlanDatagram;
import dev.peregrine.testkit.live.Lab;
import dev.peregrine.testkit.live.Underlay;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outer TOS and TTL over IPv4 and IPv6, for inner IPv4, IPv6 and ARP: inherited, or as configured. */
@Conformance("kernel l2_tos_ttl_inherit.sh")
class TosTtlInheritTest {
    private static final int FRAMES = 20;
    private static final int DEFAULT_TTL = 64;
    private static final int FIXED_DSCP = 11;
    private static final int FIXED_TTL = 17;
    private static final int ECN = 3;

    @ParameterizedTest
    @CsvSource({"IPV4_WIRE,true", "IPV4_WIRE,false", "IPV6_WIRE,true", "IPV6_WIRE,false"})
    void outerTosAndTtlAreThoseOfTheInnerHeaderOrAsConfigured(Underlay underlay, boolean inherit) {
        Seed seed = Seed.ofThisRun();
        RandomGenerator random = seed.random();
        String keys = inherit
                ? "device: uB, ttl: inherit, dscp: inherit"
                : "device: uB, ttl: %d, dscp: %d".formatted(FIXED_TTL, FIXED_DSCP);
        try (Lab lab = Lab.create(underlay);
                var gateway =
                        GatewayProcess.start(lab.hB(), lab.gatewayConfigB().replace("device: uB", keys));
                var remote = new PlayedVtep(lab, 4789);
                var container = FrameSocket.open(lab.cB(), "eth0")) {
            for (int i = 0; i < FRAMES; i++) {
                for (boolean ipv6 : new boolean[] {false, true}) {
                    int tos = random.nextInt(256);
                    int ttl = random.nextInt(1, 256);
                    byte[] payload = payload(i, ipv6);
                    byte[] frame = (ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4())
                            .macs(0x0200_0000_0001L, 0x0200_0000_0002L)
                            .tos(tos)
                            .ttl(ttl)
                            .payload(payload)
                            .build();
                    container.send(frame);
                    VxlanDatagram datagram =
                            remote.await(FrameSocket.endsWith(payload), 1).getFirst();
                    String what = seed + ", inner TOS " + tos + ", TTL " + ttl + ", IPv6 " + ipv6;
                    assertEquals(inherit ? tos : FIXED_DSCP << 2 | (tos & ECN), datagram.tos(), what);
                    assertEquals(inherit ? ttl : FIXED_TTL, datagram.ttl(), what);
                }
            }
            assertArp(remote, container, inherit);
            assertTrue(gateway.isAlive());
        }
    }

    /** ARP has neither, and gets the fixed values, or the defaults. */
    private static void assertArp(PlayedVtep remote, FrameSocket container, boolean inherit) {
        byte[] arp = FrameBuilder.arp(1, 0x0200_0000_0002L, "198.19.0.2", 0, "198.19.0.99");
        container.send(arp);
        List<VxlanDatagram> datagrams = remote.await(FrameSocket.endsWith(arp), 1);
        assertEquals(inherit ? 0 : FIXED_DSCP << 2, datagrams.getFirst().tos());
        assertEquals(inherit ? DEFAULT_TTL : FIXED_TTL, datagrams.getFirst().ttl());
    }

    private static byte[] payload(int number, boolean ipv6) {
        byte[] payload = new byte[40];
        payload[38] = (byte) number;
        payload[39] = (byte) (ipv6 ? 6 : 4);
        return payload;
    }
}
