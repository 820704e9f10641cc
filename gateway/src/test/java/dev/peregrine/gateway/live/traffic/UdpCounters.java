package dev.peregrine.gateway.live.traffic;

import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.Arrays;
import java.util.List;

/**
 * The kernel's counts of UDP in one namespace, IPv4 ({@code /proc/net/snmp}).
 *
 * @param sent datagrams that applications sent
 * @param received datagrams that applications took
 * @param refused datagrams that came to a socket whose queue was full, to none, or with a bad checksum
 */
public record UdpCounters(long sent, long received, long refused) {
    public static UdpCounters of(Namespace namespace) {
        List<String> lines = namespace
                .output("cat", "/proc/net/snmp")
                .lines()
                .filter(line -> line.startsWith("Udp:"))
                .toList();
        List<String> names = Arrays.asList(lines.get(0).split(" "));
        List<String> values = Arrays.asList(lines.get(1).split(" "));
        return new UdpCounters(
                Long.parseLong(values.get(names.indexOf("OutDatagrams"))),
                Long.parseLong(values.get(names.indexOf("InDatagrams"))),
                Long.parseLong(values.get(names.indexOf("InErrors")))
                        + Long.parseLong(values.get(names.indexOf("NoPorts"))));
    }

    public UdpCounters since(UdpCounters earlier) {
        return new UdpCounters(sent - earlier.sent, received - earlier.received, refused - earlier.refused);
    }
}
