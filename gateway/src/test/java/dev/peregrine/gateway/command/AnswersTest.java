package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.command.client.Globals;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How commands print the answers of a gateway. */
class AnswersTest extends ClientTest {
    @Test
    void listsAreAlignedTables() {
        assertTable("""
                NAME  VNI  TYPE    STATE    LINK  DEVICE  MAC                RX PACKETS  TX PACKETS  RX BYTES  TX BYTES  NETNS   MTU  FDB ENTRIES  FDB REFUSED  LAST ERROR                PROBLEM  REASON             ADDRESSES
                web    42  tap     up       up    eth0    02:00:00:00:00:02          10          20      1000      2000  cB     1450            2            0  EIO (input/output error)  -        -                  198.19.0.2/24
                app    42  socket  waiting  -     -       02:00:00:00:00:09           0           0         0         0  -      1450            0            0  -                         -        no such namespace  -
                """, "port", "list");
        assertTable("""
                     VNI   MTU  PORTS  FDB ENTRIES  FDB LIMIT  FDB REFUSED  FDB MOVES  UNKNOWN UNICASTS  GROUP FLOODS  NEIGHBOURS  NEIGHBOURS REFUSED  NEIGHBOUR REQUESTS  NEIGHBOUR REPLIES  NEIGHBOUR ANSWERS  LEARNING  AGEING SECONDS  FLOOD
                      42  1450      2            2       8192            2          1                 7             8           4                   6                   9                 10                 11  yes                  300  198.18.0.1 198.18.0.3
                16777215  9000      0            0       8192            0          0                 0             0           0                   0                   0                  0                  0  no                     0  -
                """, "vni", "list");
        assertTable("""
                MAC                VNI  PORT  VTEP        STATE    AGE SECONDS  STICKY  ORIGIN   PLANE  SEQUENCE
                02:00:00:00:00:01   42  -     198.18.0.1  static             0  no      etcd     reg           3
                02:00:00:00:00:02   42  web   -           dynamic           12  yes     command  -             -
                """, "fdb", "list", "vni", "42");
        assertTable("""
                REASON               COUNT  PER SECOND  LAST SECONDS  LAST VNI  LAST VTEP   LAST PORT  LAST MAC           LAST ERROR                       TEXT
                VXLAN_VNI_NOT_FOUND  12345          50             0        43  198.18.0.1  -          02:00:00:00:00:01  -                                The VNI is not configured here.
                UNDERLAY_REFUSED         7           0            70         -  fd00::1     -          -                  EPERM (operation not permitted)  The kernel refused the datagram.
                """, "drop", "list");
        assertTable("""
                NAME      CPU  LOAD %    PACKETS  HAND OFFS  WAKE UPS  REORDERS  QUEUE DEPTH  PARKED  POOL EMPTY
                worker-0    0    12.3  123456789          0         1         2            3       4           5
                worker-1    -     0.0          0          0         0         0            0       0           0
                """, "worker", "list");
        assertTable("""
                ADDRESS     SOURCE  LAST HEARD SECONDS  FLOOD  FDB ENTRIES  RX DATAGRAMS  TX DATAGRAMS  RX BYTES  TX BYTES  PATH MTU  LAST ERROR SECONDS  LAST ERROR                       VNIS   ORIGIN  NODE  STATE
                198.18.0.1  file                     2  yes              1            10            11      1000      1100  -                          3  EPERM (operation not permitted)  42 43  file    -     -
                """, "vtep", "list");
        assertTable("""
                ADDRESS     VNI  MAC                PORT  VTEP        STATE   AGE SECONDS  ORIGIN   PLANE
                198.19.0.7   42  02:00:00:00:00:07  -     198.18.0.1  static            0  etcd     reg
                fd00::7      42  02:00:00:00:00:08  web   -           stale            31  learned  -
                """, "neighbour", "list");
        assertTable("""
                DEVICE  STAGE   WORKER    PACKETS  SEGMENTS  DROPS  NANOS PER PACKET  BATCH SIZE  QUEUE DEPTH
                vtep    decap   worker-0     1000     44000      3             123.5        64.0            0
                bridge  bridge  worker-0      997     43990      0              20.0        64.0          128
                """, "stage", "list");
    }

    @Test
    void statusIsReadable() {
        assertTable("""
                version             1.2.3
                state               ready
                process             pid 4711, net:[4026531840]
                configuration       /etc/peregrine/peregrine.yaml
                uptime              1 d 2:03:04
                underlay            198.18.0.2 port 4789, native, up
                schedule            run-to-completion: no worker is busy
                workers             2
                flows in the kernel on, 3 flows, 1234 packets so far
                helper device       pgvx4789
                worker-0            CPU 3
                worker-1            CPU 2, which the process may no longer use, shared with IRQ 38 (virtio2-input.0), b, c and 2 more
                underlay receivers  IRQ 38 (virtio2-input.0) on CPU 2, RPS of eth0 rx-0 on CPU 0-1,4
                underlay receivers  not known: the NAPI threads of eth0 cannot be seen from this pid namespace
                plane reg           etcd, live for 1:01:01, 12 claims, 3 announced
                plane bgp           evpn, away for 0:00:05, 4 claims, 0 announced, its claims go after 0:09:55: bgpd is not there
                underlay rx packets 1000
                underlay tx packets 900
                drops               7
                pool empty          5
                fdb entries         3
                send buffer         5120 KiB a socket of 6144 KiB wanted: VTEPs that do not answer may cost others (CAP_NET_ADMIN, or net.core.wmem_max)
                receive failures    2 calls, the last with ENOMEM (cannot allocate memory)
                neighbours dropped  5 messages about addresses
                kernel              UdpInCsumErrors 3: UDP datagrams with a wrong checksum
                offload gro         on
                offload gso         off: EIO on send
                offload port tso4   on: checked (web, app)
                offload port tso4   off: EIO on write (db)
                """, "status");
    }

    @Test
    void jsonIsTheGatewaysAnswer() throws IOException {
        Outcome outcome = gateway("fdb", "list", "--json");
        assertEquals(
                "[{\"mac\":\"02:00:00:00:00:01\",\"vni\":42,\"port\":null,\"vtep\":\"198.18.0.1\",\"state\":\"static\","
                        + "\"ageSeconds\":0,\"sticky\":false,\"origin\":\"etcd\",\"plane\":\"reg\",\"sequence\":3},{\"mac\":\"02:00:00:00:00:02\",\"vni\":42,\"port\":\"web\",\"vtep\":null,"
                        + "\"state\":\"dynamic\",\"ageSeconds\":12,\"sticky\":true,\"origin\":\"command\",\"plane\":null,\"sequence\":null}]",
                Globals.mapper().readTree(outcome.out()).toString());
        assertEquals(new Outcome(0, "[ ]\n", ""), gateway("--json", "fdb", "list", "vni", "7"));
    }

    @Test
    void emptyListSaysSoOnStderr() {
        assertEquals(new Outcome(0, "", "the list is empty: fdb\n"), gateway("fdb", "list", "vni", "7"));
    }

    @Test
    void flowStatsHaveTheirFields() {
        String stats = gateway("flow", "stats", "--json").out();
        for (String field : List.of("entries", "capacity", "hits", "misses", "inserts", "evictions", "stale")) {
            assertTrue(stats.contains("\"" + field + "\" : "), stats);
        }
        assertTrue(gateway("flow", "stats").out().contains("hits            1000\n"));
    }

    @Test
    void aRefusalExitsWithOne() {
        assertEquals(new Outcome(1, "", "VNI 43 is not configured\n"), gateway("fdb", "list", "vni", "43", "--json"));
        assertEquals(
                new Outcome(1, "", "there is no port nowhere\n"),
                gateway("fdb", "add", "02:00:00:00:00:0a", "vni", "42", "port", "nowhere"));
    }
}
