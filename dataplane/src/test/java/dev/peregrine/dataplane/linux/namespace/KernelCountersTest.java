package dev.peregrine.dataplane.linux.namespace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelCountersTest {
    @Test
    void namesCountersAsNstatDoes() {
        KernelCounters counters = KernelCounters.of(
                List.of(
                        "Tcp: RtoAlgorithm MaxConn",
                        "Tcp: 1 -1",
                        "Udp: InDatagrams InCsumErrors",
                        "Udp: 12 5",
                        "TcpExt: IPReversePathFilter",
                        "TcpExt: 7"),
                List.of("Udp6InCsumErrors                \t3", "Ip6ReasmFails \t0"));
        assertEquals(5, counters.value("UdpInCsumErrors"));
        assertEquals(7, counters.value("TcpExtIPReversePathFilter"));
        assertEquals(3, counters.value("Udp6InCsumErrors"));
        assertTrue(counters.has("Ip6ReasmFails"));
        assertFalse(counters.has("UdpMemErrors"));
        assertEquals(0, counters.value("UdpMemErrors"));
    }

    @Test
    void readsThoseOfThisKernel() throws IOException {
        KernelCounters counters = KernelCounters.read();
        for (String name : List.of(
                "UdpInCsumErrors",
                "UdpRcvbufErrors",
                "UdpNoPorts",
                "IpReasmFails",
                "IpInDiscards",
                "TcpExtIPReversePathFilter")) {
            assertTrue(counters.has(name), name);
        }
    }
}
