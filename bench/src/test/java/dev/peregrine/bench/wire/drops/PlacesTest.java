package dev.peregrine.bench.wire.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacesTest {
    @Test
    void countsAFullReceiveBufferOnce() {
        assertEquals(
                Map.of("cB/Udp/RcvbufErrors", 40L, "cB/Udp/InErrors", 2L),
                places(Map.of("cB/Udp/RcvbufErrors", 40L, "cB/Udp/InErrors", 42L)));
    }

    @Test
    void countsAFullQueueOnceAndNotAtTheTunnelAbove() {
        assertEquals(
                Map.of("hA/uA/qdisc_pfifo", 30L, "hA/vxlan42/tx_dropped", 1L),
                places(Map.of("hA/uA/qdisc_pfifo", 30L, "hA/vxlan42/tx_dropped", 31L)));
    }

    @Test
    void countsARefusedSendWhereItWasRefused() {
        assertEquals(
                Map.of("cA/eth0/tx_dropped", 8L),
                places(Map.of("cA/eth0/tx_dropped", 8L, "cA/Udp/SndbufErrors", 8L, "cA/Ip/OutDiscards", 8L)));
        assertEquals(
                Map.of("cA/Udp/SndbufErrors", 8L), places(Map.of("cA/Udp/SndbufErrors", 8L, "cA/Ip/OutDiscards", 8L)));
    }

    @Test
    void countsAFullBacklogOnceAtTheDeviceThatShouldHaveReceived() {
        assertEquals(
                Map.of("hA/port0/backlog", 10L, "cA/eth0/tx_dropped", 3L),
                places(Map.of("machine/backlog", 10L, "hA/port0/rx_dropped", 10L, "cA/eth0/tx_dropped", 13L)));
    }

    @Test
    void findsTheBacklogOfADeviceWithoutAPeer() {
        assertEquals(
                Map.of("hB/vxlan42/backlog", 6L, "machine/backlog", 1L),
                places(Map.of("machine/backlog", 7L, "hB/vxlan42/rx_dropped", 6L)));
    }

    @Test
    void countsWhatAVethQueueDroppedOnce() {
        assertEquals(
                Map.of("hB/uB/rx_queue_0_drops", 5L, "hB/uB/rx_dropped", 1L),
                places(Map.of("hB/uB/rx_queue_0_drops", 5L, "hB/uB/rx_dropped", 6L)));
    }

    @Test
    void countsMergedDatagramsThatPeregrineLostOneByOne() {
        assertEquals(
                Map.of("hB/Udp/RcvbufErrors", 1600L),
                places(Map.of(
                        "hB/uB/rx_packets", 10_000L,
                        "hB/peregrine/received", 8_400L,
                        "hB/Udp/RcvbufErrors", 50L,
                        "hB/Udp/InErrors", 50L,
                        "hB/peregrine/UNDERLAY_RECEIVE_OVERFLOW", 50L)));
    }

    @Test
    void findsWhatWaitedInASocketThatWasClosed() {
        Map<String, Long> traffic = Map.of(
                "cA/Ip/InDelivers", 1_100L,
                "cA/Icmp/InMsgs", 1L,
                "cA/Tcp/InSegs", 9L,
                "cA/Udp/InDatagrams", 1_000L,
                "cA/Udp/InErrors", 40L,
                "cA/Udp/RcvbufErrors", 40L);
        assertEquals(Map.of("cA/Udp/RcvbufErrors", 40L, "cA/Udp/unread", 50L), places(traffic));
        assertEquals(Map.of(), places(Map.of("cA/Ip/InDelivers", 10L, "cA/Tcp/InSegs", 400L)));
    }

    @Test
    void tellsWhatWasSentAgainInVainFromWhatWasLost() {
        assertEquals(
                Map.of("hA/Tcp/RetransSegs", 3L, "hA/Tcp/spurious", 97L),
                places(Map.of("hA/Tcp/RetransSegs", 100L, "hA/TcpExt/TCPDSACKRecvSegs", 97L)));
    }

    @Test
    void keepsWhatPeregrineDroppedItself() {
        assertEquals(
                Map.of("hB/peregrine/ENDPOINT_FULL", 9L),
                places(Map.of("hB/peregrine/received", 8_400L, "hB/peregrine/ENDPOINT_FULL", 9L)));
    }

    @Test
    void keepsDropsOfDifferentPlacesApart() {
        Map<String, Long> drops = Map.of("hB/uB/rx_dropped", 2L, "cB/eth0/tx_dropped", 3L, "hB/Tcp/RetransSegs", 4L);
        assertEquals(drops, places(drops));
    }

    @Test
    void isTheDifferenceOfTwoReadings() {
        Counters before = counters(Map.of("hB/uB/rx_dropped", 5L, "hB/uB/tx_dropped", 1L));
        Counters after = counters(Map.of("hB/uB/rx_dropped", 7L, "hB/uB/tx_dropped", 1L, "hB/uB/rx_errors", 4L));
        assertEquals(
                Map.of("hB/uB/rx_dropped", 2L, "hB/uB/rx_errors", 4L),
                after.since(before).counts());
    }

    private static Map<String, Long> places(Map<String, Long> difference) {
        return Places.of(counters(difference)).counts();
    }

    private static Counters counters(Map<String, Long> counts) {
        Counters counters = new Counters();
        counts.forEach(counters::add);
        return counters;
    }
}
