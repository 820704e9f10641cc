package dev.peregrine.dataplane.policy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Seed;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The answers of a {@link FlowTracker} for datagrams, fragments and errors. */
class FlowTrackerTest extends FlowTrackerFixture {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsUdpRepliesPass(boolean ipv6) {
        FrameBuilder there = ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4();
        byte[] request = there.ports(1000, 53).build();
        String from = ipv6 ? "fd00::2" : "198.19.0.2";
        byte[] reply = there.addresses(from, ipv6 ? "fd00::1" : "198.19.0.1")
                .ports(53, 1000)
                .build();
        assertEquals(FlowState.NEW, follow(reply));
        assertEquals(FlowState.NEW, pass(request));
        assertEquals(FlowState.ESTABLISHED, follow(reply));
        assertEquals(FlowState.NEW, follow(there.ports(53, 1001).build()), "another port");
        now += 100 * SECOND;
        assertEquals(FlowState.ESTABLISHED, follow(request));
        now += 181 * SECOND;
        assertEquals(FlowState.NEW, follow(reply));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsEchoRepliesPass(boolean ipv6) {
        FrameBuilder echo = ipv6 ? FrameBuilder.echo6() : FrameBuilder.echo4();
        byte[] request = echo.build();
        String from = ipv6 ? "fd00::2" : "198.19.0.2";
        byte[] reply = echo.addresses(from, ipv6 ? "fd00::1" : "198.19.0.1")
                .icmpType(ipv6 ? 129 : 0)
                .build();
        assertEquals(INVALID, verdict(reply));
        assertEquals(FlowState.NEW, pass(request));
        assertEquals(FlowState.ESTABLISHED, follow(reply));
        assertEquals(INVALID, verdict(echo.echoId(99).build()), "another identifier");
    }

    @Test
    void keepsSegmentsAndZonesApart() {
        connect();
        segment++;
        assertEquals(INVALID, verdict(back(ACK)));
        segment--;
        zone++;
        assertEquals(INVALID, verdict(back(ACK)));
        zone--;
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
    }

    @Test
    void keepsVlansApart() {
        byte[][] frames = {
            FrameBuilder.udp4().build(),
            FrameBuilder.udp4().tag(0x8100, 7).build(),
            FrameBuilder.udp4().tag(0x8100, 8).build(),
            FrameBuilder.udp4().tag(0x8100, 7).tag(0x88a8, 0).build(),
            FrameBuilder.udp4().tag(0x8100, 8).tag(0x88a8, 7).build(),
        };
        for (byte[] frame : frames) {
            assertEquals(FlowState.NEW, pass(frame));
        }
        assertEquals(
                FlowState.ESTABLISHED,
                pass(FrameBuilder.udp4().tag(0x8100, 0xe007).build()),
                "priority");
        assertEquals(frames.length, states.opened());
    }

    @Test
    void relatesErrorsToTheFlowThatTheyQuote() {
        byte[] original = there(SYN);
        byte[] error = error4(original, "198.19.0.254", "198.19.0.1");
        assertEquals(INVALID, verdict(error));
        pass(original);
        assertEquals(FlowState.RELATED, follow(error));
        assertEquals(INVALID, verdict(error4(original, "198.19.0.254", "198.19.0.2")), "not to the sender");
        assertEquals(INVALID, verdict(error4(tcp(true, SYN, true), "198.19.0.254", "198.19.0.1")), "other family");
        byte[] original6 = tcp(true, SYN, true);
        byte[] error6 = FrameBuilder.ip(58, "fd00::254", "fd00::1")
                .icmpType(2)
                .payload(Arrays.copyOfRange(original6, 14, original6.length))
                .build();
        assertEquals(INVALID, verdict(error6));
        pass(original6);
        assertEquals(FlowState.RELATED, follow(error6));
        byte[] echo = FrameBuilder.echo4().build();
        assertEquals(INVALID, verdict(error4(echo, "198.19.0.254", "198.19.0.1")));
        pass(echo);
        assertEquals(FlowState.RELATED, follow(error4(echo, "198.19.0.254", "198.19.0.1")));
    }

    private static byte[] error4(byte[] original, String from, String to) {
        return FrameBuilder.ip(1, from, to)
                .icmpType(3)
                .payload(Arrays.copyOfRange(original, 14, 14 + 28))
                .build();
    }

    @Test
    void leavesWhatHasNoFlowToRules() {
        assertEquals(FlowState.UNTRACKED, pass(FrameBuilder.arp(1, 1, "198.19.0.1", 0, "198.19.0.2")));
        byte[] multicast =
                FrameBuilder.udp4().addresses("198.19.0.1", "224.0.0.251").build();
        assertEquals(FlowState.UNTRACKED, pass(multicast));
        byte[] neighbour = FrameBuilder.ip(58, "fd00::1", "fd00::2")
                .icmpType(136)
                .payload(16)
                .build();
        assertEquals(FlowState.UNTRACKED, pass(neighbour));
        assertEquals(0, states.opened());
        byte[] broken = there(ACK);
        broken[17] = (byte) 200; // longer than the frame
        assertEquals(INVALID, verdict(broken));
    }

    @Test
    void followsOtherProtocolsByAddress() {
        byte[] there =
                FrameBuilder.ip(47, "198.19.0.1", "198.19.0.2").payload(20).build();
        byte[] back =
                FrameBuilder.ip(47, "198.19.0.2", "198.19.0.1").payload(20).build();
        assertEquals(FlowState.NEW, pass(there));
        assertEquals(FlowState.ESTABLISHED, follow(back));
    }

    @Test
    void letsLaterFragmentsPassOnlyBehindTheirFirst() {
        FrameBuilder datagram = FrameBuilder.udp4().id(77).payload(64);
        byte[] first = datagram.fragmentBits(0x2000).build();
        byte[] later = datagram.fragmentBits(9).build();
        assertEquals(INVALID, verdict(later));
        assertEquals(FlowState.NEW, follow(first));
        assertEquals(INVALID, verdict(later), "rules have not let the first pass");
        assertEquals(FlowState.NEW, pass(first));
        assertEquals(FlowState.ESTABLISHED, follow(later));
        byte[] next = datagram.id(78).fragmentBits(0x2000).build();
        byte[] nextLater = datagram.fragmentBits(9).build();
        assertEquals(INVALID, verdict(nextLater));
        assertEquals(FlowState.ESTABLISHED, follow(next));
        assertEquals(FlowState.ESTABLISHED, follow(nextLater));
        byte[] reversed = datagram.addresses("198.19.0.2", "198.19.0.1").build();
        assertEquals(INVALID, verdict(reversed), "identifications are each sender's own");
        now += 61 * SECOND;
        assertEquals(INVALID, verdict(nextLater));
    }

    @Test
    void letsLaterFragmentsOfIpv6Pass() {
        byte[] header = {17, 0, 0, 1, 0, 0, 0, 42};
        FrameBuilder datagram = FrameBuilder.udp6().payload(64);
        byte[] first = datagram.extensions(44, header.clone()).build();
        header[3] = 72;
        byte[] later = datagram.extensions(44, header.clone()).build();
        header[7] = 43;
        byte[] other = datagram.extensions(44, header.clone()).build();
        assertEquals(INVALID, verdict(later));
        assertEquals(FlowState.NEW, pass(first));
        assertEquals(FlowState.ESTABLISHED, follow(later));
        assertEquals(INVALID, verdict(other));
    }

    @Test
    void dropsFragmentsThatRewriteTheHeader() {
        FrameBuilder segment = FrameBuilder.tcp4().flags(SYN).id(5).payload(40);
        assertEquals(FlowState.NEW, pass(segment.fragmentBits(0x2000).build()));
        assertEquals(INVALID, verdict(segment.fragmentBits(0x2001).build()), "RFC 3128");
        assertEquals(INVALID, verdict(segment.fragmentBits(2).build()));
        assertEquals(FlowState.ESTABLISHED, follow(segment.fragmentBits(3).build()));
        byte[] tiny = Arrays.copyOf(segment.fragmentBits(0x2000).build(), 14 + 28);
        tiny[17] = 28;
        assertEquals(INVALID, verdict(tiny), "RFC 1858");
    }

    @Test
    void flushForgetsASegment() {
        connect();
        segment++;
        connect();
        assertEquals(1, states.flows().flush(flow -> flow.segment() == segment, now));
        assertEquals(INVALID, verdict(back(ACK)));
        segment--;
        assertEquals(FlowState.ESTABLISHED, follow(back(ACK)));
        int[] seen = new int[1];
        states.flows()
                .forEach(
                        flow -> {
                            assertEquals(segment, flow.segment());
                            assertEquals("established", flow.state());
                            seen[0]++;
                        },
                        now);
        assertEquals(1, seen[0]);
        assertEquals(1, states.flows().flush(flow -> true, now));
    }

    @Test
    void neverThrowsWhateverTheBytes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        byte[][] frames = {
            there(SYN),
            tcp(true, SYN, true),
            error4(there(SYN), "198.19.0.254", "198.19.0.1"),
            FrameBuilder.udp6()
                    .extensions(44, new byte[] {17, 0, 0, 1, 0, 0, 0, 42})
                    .build(),
            FrameBuilder.ip(58, "fd00::254", "fd00::1").icmpType(2).payload(60).build()
        };
        for (int i = 0; i < Seed.rounds(200_000); i++) {
            byte[] frame = frames[random.nextInt(frames.length)].clone();
            for (int k = random.nextInt(4); k > 0; k--) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            try {
                pass(Arrays.copyOf(frame, 14 + random.nextInt(frame.length - 13)));
            } catch (RuntimeException e) {
                throw new AssertionError(seed + ", frame " + Arrays.toString(frame), e);
            }
        }
    }
}
