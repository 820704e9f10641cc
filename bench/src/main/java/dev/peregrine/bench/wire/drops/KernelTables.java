package dev.peregrine.bench.wire.drops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Linux' counters of drops in their various formats. The places begin with the host's name. */
final class KernelTables {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Lines of {@code /proc/net/dev}: name, 8 numbers of received frames, 8 of sent ones. */
    private static final Pattern DEVICE = Pattern.compile("^\\s*(\\S+):\\s*(.*)$", Pattern.MULTILINE);

    private static final List<String> DEVICE_COUNTERS = List.of(
            "rx_bytes",
            "rx_packets",
            "rx_errors",
            "rx_dropped",
            "rx_fifo_errors",
            "rx_frame_errors",
            "rx_compressed",
            "multicast",
            "tx_bytes",
            "tx_packets",
            "tx_errors",
            "tx_dropped",
            "tx_fifo_errors",
            "collisions",
            "tx_carrier_errors",
            "tx_compressed");
    private static final Set<String> WANTED_OF_DEVICES =
            Set.of("rx_packets", "rx_errors", "rx_dropped", "tx_errors", "tx_dropped");

    /** Of {@code /proc/net/snmp} and {@code netstat}, where a line of names stands before one of numbers. */
    private static final Set<String> WANTED_OF_PROTOCOLS = Set.of(
            "Ip/InDelivers",
            "Icmp/InMsgs",
            "Tcp/InSegs",
            "Udp/InDatagrams",
            "Ip/InHdrErrors",
            "Ip/InAddrErrors",
            "Ip/InUnknownProtos",
            "Ip/InDiscards",
            "Ip/OutDiscards",
            "Ip/OutNoRoutes",
            "Ip/ReasmFails",
            "Ip/FragFails",
            "Udp/NoPorts",
            "Udp/InErrors",
            "Udp/RcvbufErrors",
            "Udp/SndbufErrors",
            "Udp/InCsumErrors",
            "Udp/MemErrors",
            "Tcp/RetransSegs",
            "Tcp/InErrs",
            "TcpExt/TCPDSACKRecvSegs",
            "TcpExt/TCPBacklogDrop",
            "TcpExt/TCPRcvQDrop");
    /** Of {@code /proc/net/snmp6}, with a name and a number in a line. */
    private static final Set<String> WANTED_OF_IPV6 = Set.of(
            "Ip6InHdrErrors",
            "Ip6InTooBigErrors",
            "Ip6InAddrErrors",
            "Ip6InUnknownProtos",
            "Ip6InTruncatedPkts",
            "Ip6InDiscards",
            "Ip6OutDiscards",
            "Ip6ReasmFails",
            "Ip6FragFails",
            "Icmp6InErrors",
            "Udp6NoPorts",
            "Udp6InErrors",
            "Udp6RcvbufErrors",
            "Udp6SndbufErrors",
            "Udp6InCsumErrors",
            "Udp6MemErrors");

    /** A counter of {@code ethtool -S} of a veth device: drops by XDP, and drops for lack of a buffer. */
    private static final Pattern VETH = Pattern.compile(
            "^\\s+([rt]x_queue_\\d+_(?:drops|xdp_drops|xdp_tx_errors|xdp_xmit_errors)): (\\d+)$", Pattern.MULTILINE);

    /** A line of {@code ss --packet --memory}: "p_raw UNCONN 0 0 *:uB * skmem:(r0,…,d12)". */
    private static final Pattern PACKET_SOCKET = Pattern.compile("^p_\\S+ .*? \\S+:(\\S+) .*skmem:\\(.*,d(\\d+)\\)");

    private static final int SOFTNET_DROPPED = 1;
    private static final int HEXADECIMAL = 16;

    private KernelTables() {}

    /** Of {@code /proc/net/dev}: packets received, and errors and drops both ways. */
    static Counters devices(String host, String text) {
        Counters counters = new Counters();
        Matcher line = DEVICE.matcher(text);
        while (line.find()) {
            String[] numbers = line.group(2).strip().split("\\s+", -1);
            for (int i = 0; i < Math.min(numbers.length, DEVICE_COUNTERS.size()); i++) {
                if (WANTED_OF_DEVICES.contains(DEVICE_COUNTERS.get(i))) {
                    String place = "%s/%s/%s".formatted(host, line.group(1), DEVICE_COUNTERS.get(i));
                    counters.add(place, Long.parseLong(numbers[i]));
                }
            }
        }
        return counters;
    }

    /** Of {@code /proc/net/snmp} or {@code /proc/net/netstat}. */
    static Counters protocols(String host, String text) {
        Counters counters = new Counters();
        Iterator<String> lines = text.lines().iterator();
        while (lines.hasNext()) {
            String[] names = lines.next().split(" ", -1);
            String[] numbers = lines.hasNext() ? lines.next().split(" ", -1) : new String[0];
            String protocol = names[0].replace(":", "");
            for (int i = 1; i < Math.min(names.length, numbers.length); i++) {
                if (WANTED_OF_PROTOCOLS.contains(protocol + "/" + names[i])) {
                    counters.add("%s/%s/%s".formatted(host, protocol, names[i]), Long.parseLong(numbers[i]));
                }
            }
        }
        return counters;
    }

    /** Of {@code /proc/net/snmp6}. */
    static Counters ipv6(String host, String text) {
        Counters counters = new Counters();
        text.lines()
                .map(line -> line.split("\\s+", -1))
                .filter(words -> WANTED_OF_IPV6.contains(words[0]))
                .forEach(words -> {
                    String name = words[0].replaceFirst("6", "6/");
                    counters.add(host + "/" + name, Long.parseLong(words[1]));
                });
        return counters;
    }

    /** Of {@code tc -j -s qdisc show}: drops by device, of its outermost queueing discipline. */
    static Counters queues(String host, String text) throws IOException {
        Counters counters = new Counters();
        for (JsonNode queue : JSON.readTree(text)) {
            if (queue.path("root").asBoolean()) {
                String place = "%s/%s/qdisc_%s"
                        .formatted(
                                host,
                                queue.path("dev").asText(),
                                queue.path("kind").asText());
                counters.add(place, queue.path("drops").asLong());
            }
        }
        return counters;
    }

    /** Of {@code ethtool -S} of a veth device. */
    static Counters veth(String host, String device, String text) {
        Counters counters = new Counters();
        Matcher counter = VETH.matcher(text);
        while (counter.find()) {
            counters.add("%s/%s/%s".formatted(host, device, counter.group(1)), Long.parseLong(counter.group(2)));
        }
        return counters;
    }

    /** Of a line of {@code ss --packet --memory --oneline}: frames that a packet socket had no room for. */
    static Counters packetSocket(String host, String line) {
        Counters counters = new Counters();
        Matcher socket = PACKET_SOCKET.matcher(line);
        if (socket.find()) {
            counters.add("%s/%s/packet_socket".formatted(host, socket.group(1)), Long.parseLong(socket.group(2)));
        }
        return counters;
    }

    /** Of {@code /proc/net/softnet_stat}: packets that found no place in a CPU's backlog, of all namespaces. */
    static Counters backlog(String text) {
        Counters counters = new Counters();
        text.lines()
                .map(line -> line.split(" ", -1))
                .forEach(words -> counters.add(Places.BACKLOG, Long.parseLong(words[SOFTNET_DROPPED], HEXADECIMAL)));
        return counters;
    }
}
