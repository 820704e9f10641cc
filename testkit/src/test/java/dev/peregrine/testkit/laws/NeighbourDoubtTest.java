package dev.peregrine.testkit.laws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.testkit.GatewayShape;
import dev.peregrine.testkit.MemoryGateway;
import dev.peregrine.testkit.MemoryNetwork;
import dev.peregrine.testkit.MemoryNetwork.Datagram;
import dev.peregrine.testkit.Resolution;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.Segment;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When a host is no longer spoken for: an asker at a gateway that suppresses, a host behind one remote VTEP that is
 * known and may have gone, and another behind a second VTEP that may have taken its address over.
 */
class NeighbourDoubtTest {
    private static final int VNI = 42;
    private static final int SEGMENT = 0;
    private static final long ASKER = 0x0200_0000_0001L;
    private static final long OTHER_ASKER = 0x0200_0000_0003L;
    private static final long OLD = 0x0200_0000_0052L;
    private static final long NEW = 0x0200_0000_0053L;
    private static final long SECOND = 1_000_000_000L;
    private static final IpAddress LOCAL = World.address(0);
    private static final IpAddress FIRST = World.address(1);
    private static final IpAddress SECOND_VTEP = World.address(2);

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<byte[]> atFirst = new ArrayList<>();
    private final List<byte[]> atSecond = new ArrayList<>();
    private final MemoryGateway gateway = new MemoryGateway(
            network,
            LOCAL,
            GatewayShape.of(List.of(new Segment(SEGMENT, VNI, 1450, false)), List.of(SEGMENT, SEGMENT))
                    .suppressing());

    private enum Way {
        ANSWERED,
        TO_THE_HOST,
        TO_ALL
    }

    @BeforeEach
    void open() {
        gateway.flood(Map.of(SEGMENT, List.of(gateway.addVtep(FIRST), gateway.addVtep(SECOND_VTEP))));
        network.connect(FIRST, datagram -> atFirst.add(frame(datagram)));
        network.connect(SECOND_VTEP, datagram -> atSecond.add(frame(datagram)));
        gateway.bridge().neighbours().configure(SEGMENT, true, 100, 300 * SECOND);
    }

    @AfterEach
    void close() {
        assertTrue(gateway.isAtRest(), "a packet was lost");
        assertEquals(List.of(), gateway.faults());
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource
    void anUnansweredProbeHasTheNextQuestionGoToAll(Resolution family) {
        known(family);
        assertEquals(Way.ANSWERED, ask(family));
        gateway.advance(10 * SECOND);
        probe(family, OLD);
        assertEquals(1, atFirst.size(), "the probe itself goes to the host");
        for (int i = 0; i < 10; i++) {
            gateway.advance(SECOND);
            assertEquals(Way.TO_ALL, ask(family), "nobody has answered");
        }
        receive(SECOND_VTEP, family.reply(ASKER, family.host(1), NEW, family.host(2)));
        assertEquals(Way.ANSWERED, ask(family));
        assertEquals(NEW, answered(family), "by its new MAC");
    }

    @ParameterizedTest
    @EnumSource
    void aHostThatAnswersIsSpokenForAgain(Resolution family) {
        for (byte[] word : List.of(
                family.reply(ASKER, family.host(1), OLD, family.host(2)),
                family.announcement(OLD, family.host(2)),
                family.request(OLD, family.host(2), family.host(1)),
                family.unicastRequest(OLD, family.host(2), ASKER, family.host(1)))) {
            known(family);
            probe(family, OLD);
            assertEquals(Way.TO_ALL, ask(family));
            receive(FIRST, word);
            assertEquals(Way.ANSWERED, ask(family));
        }
    }

    /** As the Linux kernel answers a unicast solicitation. */
    @Test
    void anAdvertisementNeedNotNameTheMac() {
        Resolution family = Resolution.NEIGHBOUR_DISCOVERY;
        known(family);
        probe(family, OLD);
        receive(FIRST, Resolution.shortAdvertisement(ASKER, family.host(1), OLD, family.host(2)));
        assertEquals(Way.ANSWERED, ask(family));
        receive(SECOND_VTEP, Resolution.shortAdvertisement(ASKER, family.host(1), NEW, family.host(2)));
        assertEquals(
                Way.TO_ALL, ask(family), "another host uses the address, and its message is not enough for an entry");
    }

    @ParameterizedTest
    @EnumSource
    void aProbeForAnotherMacSaysNothingOfTheHost(Resolution family) {
        known(family);
        probe(family, NEW);
        assertEquals(Way.ANSWERED, ask(family));
    }

    /** The answer to a question that came through a tunnel does not come by here. */
    @ParameterizedTest
    @EnumSource
    void aProbeOfARemoteHostIsNoReason(Resolution family) {
        known(family);
        receive(SECOND_VTEP, family.unicastRequest(OTHER_ASKER, family.host(3), OLD, family.host(2)));
        assertEquals(Way.ANSWERED, ask(family));
    }

    @ParameterizedTest
    @EnumSource
    void aHostThatAsksForItselfIsNoReason(Resolution family) {
        known(family);
        receive(FIRST, family.unicastRequest(OLD, family.host(2), ASKER, family.host(1)));
        receive(FIRST, family.request(OLD, family.unspecified(), family.host(2)));
        assertEquals(Way.ANSWERED, ask(family));
    }

    @ParameterizedTest
    @EnumSource
    void oneWhoAsksAgainWasNotHelpedByTheAnswer(Resolution family) {
        known(family);
        gateway.advance(10 * SECOND);
        assertEquals(Way.ANSWERED, ask(family));
        gateway.advance(SECOND);
        assertEquals(Way.TO_ALL, ask(family));
        gateway.advance(SECOND);
        assertEquals(Way.TO_ALL, ask(family), "until somebody answers");
    }

    @ParameterizedTest
    @EnumSource
    void questionsOfSeveralAreNoRepetition(Resolution family) {
        known(family);
        gateway.advance(10 * SECOND);
        assertEquals(Way.ANSWERED, ask(family));
        gateway.advance(SECOND);
        assertEquals(Way.ANSWERED, ask(family, OTHER_ASKER, 3, 2));
        gateway.advance(4 * SECOND);
        assertEquals(Way.ANSWERED, ask(family), "5 s later");
    }

    /** A host that asks each second has one question in five and a few go to all, not all of them. */
    @ParameterizedTest
    @EnumSource
    void aHostThatWasJustHeardIsSpokenForHoweverOftenOneAsks(Resolution family) {
        known(family);
        int toAll = 0;
        for (int second = 0; second < 60; second++) {
            gateway.advance(SECOND);
            if (ask(family) == Way.TO_ALL) {
                toAll++;
                receive(FIRST, family.reply(ASKER, family.host(1), OLD, family.host(2)));
            }
        }
        assertTrue(toAll >= 5 && toAll <= 12, toAll + " questions of 60 went to all");
    }

    @ParameterizedTest
    @EnumSource
    void aHostThatIsSilentForLongIsAskedItselfAndThenAll(Resolution family) {
        known(family);
        gateway.advance(30 * SECOND - 1);
        assertEquals(Way.ANSWERED, ask(family));
        gateway.advance(1);
        assertEquals(Way.TO_THE_HOST, ask(family, OTHER_ASKER, 3, 2));
        byte[] request = family.request(OTHER_ASKER, family.host(3), family.host(2));
        assertArrayEquals(
                Arrays.copyOfRange(request, 6, request.length),
                Arrays.copyOfRange(atFirst.getFirst(), 6, request.length),
                "unchanged but for its destination");
        gateway.advance(SECOND);
        assertEquals(Way.TO_ALL, ask(family, OTHER_ASKER, 3, 2));
        receive(FIRST, family.reply(OTHER_ASKER, family.host(3), OLD, family.host(2)));
        assertEquals(Way.ANSWERED, ask(family), "alive");
    }

    @ParameterizedTest
    @EnumSource
    void duplicateAddressDetectionOfAnotherIsAReason(Resolution family) {
        known(family);
        receive(SECOND_VTEP, family.request(NEW, family.unspecified(), family.host(2)));
        assertEquals(Way.TO_ALL, ask(family));
        receive(FIRST, family.reply(NEW, family.host(2), OLD, family.host(2)));
        assertEquals(Way.ANSWERED, ask(family), "the address is taken");
        send(family.request(OTHER_ASKER, family.unspecified(), family.host(2)));
        assertEquals(
                List.of(), gateway.endpoint(0).received(), "detection is for all, and answered by none but the host");
        assertEquals(Way.TO_ALL, ask(family));
    }

    @ParameterizedTest
    @EnumSource
    void anAddressThatAnotherUsesIsNotSpokenForByItsOldMac(Resolution family) {
        known(family);
        receive(SECOND_VTEP, family.request(NEW, family.host(2), family.host(9)));
        Way way = ask(family);
        if (family == Resolution.ARP) { // whose requests say all that an entry needs
            assertEquals(Way.ANSWERED, way);
            assertEquals(NEW, answered(family));
        } else {
            assertEquals(Way.TO_ALL, way);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConfiguredHostIsNotDoubted(Resolution family) {
        known(family);
        IpAddress ip = IpAddress.of(InetAddress.ofLiteral(family.host(2)));
        gateway.bridge().neighbours().add(SEGMENT, ip.high(), ip.low(), OLD, gateway.nowNanos());
        probe(family, OLD);
        receive(SECOND_VTEP, family.request(NEW, family.unspecified(), family.host(2)));
        receive(SECOND_VTEP, family.request(NEW, family.host(2), family.host(9)));
        gateway.advance(100 * SECOND);
        assertEquals(Way.ANSWERED, ask(family));
        assertEquals(Way.ANSWERED, ask(family), "again");
    }

    /**
     * Probes for every address, by one tenant: the hosts are asked as without suppression until they answer, no more.
     */
    @ParameterizedTest
    @EnumSource
    void doubtsEndWithOneAnswerEachHoweverManyProbesThereWere(Resolution family) {
        for (int host = 10; host < 60; host++) {
            receive(FIRST, family.announcement(OLD + host, family.host(host)));
        }
        for (int round = 0; round < 20; round++) {
            for (int host = 10; host < 60; host++) {
                send(family.unicastRequest(ASKER, family.host(1), OLD + host, family.host(host)));
            }
        }
        for (int host = 10; host < 60; host++) {
            assertEquals(Way.TO_ALL, ask(family, OTHER_ASKER, 3, host));
            receive(FIRST, family.reply(OTHER_ASKER, family.host(3), OLD + host, family.host(host)));
            assertEquals(Way.ANSWERED, ask(family, OTHER_ASKER, 3, host));
        }
    }

    /** The host is behind the first VTEP, and just said so. */
    private void known(Resolution family) {
        receive(FIRST, family.announcement(OLD, family.host(2)));
    }

    private void probe(Resolution family, long mac) {
        send(family.unicastRequest(ASKER, family.host(1), mac, family.host(2)));
    }

    private Way ask(Resolution family) {
        return ask(family, ASKER, 1, 2);
    }

    /** The way that a question takes, which is one of three. */
    private Way ask(Resolution family, long asking, int sender, int target) {
        send(family.request(asking, family.host(sender), family.host(target)));
        int answers = gateway.endpoint(0).received().size();
        int other = gateway.endpoint(1).received().size();
        String ways = answers + " answers, to the port " + other + ", " + atFirst.size() + " and " + atSecond.size();
        return switch (ways) {
            case "1 answers, to the port 0, 0 and 0" -> Way.ANSWERED;
            case "0 answers, to the port 0, 1 and 0" -> Way.TO_THE_HOST;
            case "0 answers, to the port 1, 1 and 1" -> Way.TO_ALL;
            default -> throw new AssertionError(ways);
        };
    }

    /** The MAC that an answer names. */
    private long answered(Resolution family) {
        send(family.request(OTHER_ASKER, family.host(3), family.host(2)));
        byte[] answer = gateway.endpoint(0).received().getFirst();
        for (long mac : List.of(OLD, NEW)) {
            if (Arrays.equals(answer, family.reply(OTHER_ASKER, family.host(3), mac, family.host(2)))) {
                return mac;
            }
        }
        throw new AssertionError("an answer of nobody: " + Arrays.toString(answer));
    }

    private void send(byte[] frame) {
        atFirst.clear();
        atSecond.clear();
        gateway.endpoint(0).received();
        gateway.endpoint(1).received();
        gateway.endpoint(0).send(frame);
        gateway.run();
    }

    private void receive(IpAddress vtep, byte[] frame) {
        network.send(new Datagram(vtep, LOCAL, 50_000, 0, 64, World.vxlan(VNI, frame)));
        gateway.run();
    }

    private static byte[] frame(Datagram datagram) {
        return Arrays.copyOfRange(datagram.payload(), 8, datagram.payload().length);
    }
}
