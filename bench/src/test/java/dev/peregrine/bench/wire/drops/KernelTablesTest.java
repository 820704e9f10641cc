package dev.peregrine.bench.wire.drops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On texts of Linux 6.18, iproute2 6.1 and ethtool 6.1, with numbers put in where there were zeros. */
class KernelTablesTest {
    @Test
    void readsDevices() {
        String text = """
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
                    uB:147758517  100028    1    2    3     4          5         6 147800412  100051    7    8    9    10      11         12
                """;
        assertEquals(
                Map.of(
                        "hB/uB/rx_packets", 100_028L,
                        "hB/uB/rx_errors", 1L,
                        "hB/uB/rx_dropped", 2L,
                        "hB/uB/tx_errors", 7L,
                        "hB/uB/tx_dropped", 8L),
                KernelTables.devices("hB", text).counts());
    }

    @Test
    void readsSocketsAndRetransmissions() {
        String text = """
                Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
                Tcp: 1 200 120000 -1 2 0 0 0 0 53 51 3 0 0 0
                Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
                Udp: 95896 1 4104 99969 4102 5 2 0 0
                UdpLite: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
                UdpLite: 0 9 9 9 9 9 9 9 9
                """;
        assertEquals(
                Map.of(
                        "cB/Tcp/InSegs", 53L,
                        "cB/Tcp/RetransSegs", 3L,
                        "cB/Udp/InDatagrams", 95_896L,
                        "cB/Udp/NoPorts", 1L,
                        "cB/Udp/InErrors", 4104L,
                        "cB/Udp/RcvbufErrors", 4102L,
                        "cB/Udp/SndbufErrors", 5L,
                        "cB/Udp/InCsumErrors", 2L),
                KernelTables.protocols("cB", text).counts());
    }

    @Test
    void readsIpv6() {
        String text = """
                Ip6InReceives                   	28
                Ip6InNoRoutes                   	9
                Ip6InDiscards                   	4
                Icmp6InErrors                   	1
                Udp6RcvbufErrors                	12
                UdpLite6RcvbufErrors            	13
                """;
        assertEquals(
                Map.of("cA/Ip6/InDiscards", 4L, "cA/Icmp6/InErrors", 1L, "cA/Udp6/RcvbufErrors", 12L),
                KernelTables.ipv6("cA", text).counts());
    }

    @Test
    void readsQueueingDisciplinesAtTheRoot() throws IOException {
        String text = """
                [{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"refcnt":2,"options":{},"bytes":0,"packets":0,\
                "drops":0,"overlimits":0,"requeues":0,"backlog":0,"qlen":0},{"kind":"pfifo","handle":"8065:","dev":"uA",\
                "root":true,"refcnt":3,"options":{"limit":1000},"bytes":149158895,"packets":100028,"drops":17,\
                "overlimits":0,"requeues":0,"backlog":0,"qlen":0},{"kind":"fq_codel","handle":"0:","dev":"uA",\
                "parent":"8065:1","drops":17}]
                """;
        assertEquals(
                Map.of("hA/uA/qdisc_pfifo", 17L),
                KernelTables.queues("hA", text).counts());
    }

    @Test
    void readsTheQueuesOfVeth() {
        String text = """
                NIC statistics:
                     peer_ifindex: 2
                     rx_queue_0_xdp_packets: 100027
                     rx_queue_0_xdp_bytes: 147758427
                     rx_queue_0_drops: 21
                     rx_queue_0_xdp_redirect: 0
                     rx_queue_0_xdp_drops: 22
                     rx_queue_0_xdp_tx: 0
                     rx_queue_0_xdp_tx_errors: 0
                     tx_queue_0_xdp_xmit: 0
                     tx_queue_0_xdp_xmit_errors: 23
                """;
        assertEquals(
                Map.of(
                        "hB/uB/rx_queue_0_drops", 21L,
                        "hB/uB/rx_queue_0_xdp_drops", 22L,
                        "hB/uB/tx_queue_0_xdp_xmit_errors", 23L),
                KernelTables.veth("hB", "uB", text).counts());
    }

    @Test
    void addsTheBacklogsOfAllCpus() {
        String text = """
                23326a05 0000000a 00000005 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
                40817e20 00000010 0000001c 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000000
                """;
        assertEquals(Map.of("machine/backlog", 26L), KernelTables.backlog(text).counts());
    }

    @Test
    void readsPacketSocketsByTheirDevice() {
        String text =
                "p_raw UNCONN 0      0          *:uB        * \t skmem:(r0,rb212992,t0,tb212992,f0,w0,o0,bl0,d31)";
        assertEquals(
                Map.of("hB/uB/packet_socket", 31L),
                KernelTables.packetSocket("hB", text).counts());
    }

    @Test
    void takesApartWhatTheProgramsOfAllHostsWrote() throws IOException {
        String text = """
                # hA
                [{"kind":"pfifo","dev":"uA","root":true,"drops":3}]

                @ uA
                NIC statistics:
                     rx_queue_0_drops: 4
                @ port0
                NIC statistics:
                     rx_queue_0_drops: 5
                # cB
                [{"kind":"noqueue","dev":"eth0","root":true,"drops":0}]
                p_raw UNCONN 0      0          *:eth0      * skmem:(r0,rb1,t0,tb1,f0,w0,o0,bl0,d6)
                @ eth0
                """;
        assertEquals(
                Map.of(
                        "hA/uA/qdisc_pfifo", 3L,
                        "hA/uA/rx_queue_0_drops", 4L,
                        "hA/port0/rx_queue_0_drops", 5L,
                        "cB/eth0/packet_socket", 6L),
                LabCounters.programs(text).counts());
    }
}
