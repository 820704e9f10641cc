package dev.peregrine.bench.wire.drops;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Computes from counters where packets were lost. Linux counts many drops at several places, from the queue that was
 * full to the socket whose send failed; this keeps the place where the drop happened.
 */
final class Places {
    /** Of all CPUs and namespaces of the machine. */
    static final String BACKLOG = "machine/backlog";

    /** Datagrams that Peregrine received; not drops. */
    static final String RECEIVED = "hB/peregrine/received";

    private static final Pattern TRAFFIC =
            Pattern.compile(".*/(rx_packets|InDelivers|InMsgs|InSegs|InDatagrams|TCPDSACKRecvSegs)|" + RECEIVED);

    /** The two ends of each veth pair. */
    private static final List<String[]> PAIRS = List.of(
            new String[] {"hA/uA", "hB/uB"}, new String[] {"hA/port0", "cA/eth0"}, new String[] {"hB/port0", "cB/eth0"
            });

    private static final Map<String, String> TUNNELS = Map.of("hA/vxlan42", "hA/uA", "hB/vxlan42", "hB/uB");
    private static final List<String> HOSTS = List.of("hA", "hB", "cA", "cB");
    /** Reasons under which Peregrine reports drops that the kernel has counted. */
    private static final List<String> PASSED_ON = List.of(
            "UNDERLAY_RECEIVE_OVERFLOW", "UNDERLAY_CHECKSUM", "TAP_TRANSMIT_OVERFLOW", "INTERFACE_RECEIVE_OVERFLOW");

    private Places() {}

    /** Packets by place. */
    static Counters of(Counters difference) {
        Counters places = new Counters();
        places.addAll(difference);
        countMergedDatagrams(places);
        backlogs(places);
        queuesOfVeth(places);
        TUNNELS.forEach((tunnel, device) -> places.remove(tunnel + "/tx_dropped", refused(difference, device)));
        for (String host : HOSTS) {
            unread(places, difference, host);
            places.move(
                    host + "/Tcp/RetransSegs",
                    host + "/Tcp/spurious",
                    difference.get(host + "/TcpExt/TCPDSACKRecvSegs"));
            senders(places, difference, host);
            receivers(places, host + "/Udp/");
            receivers(places, host + "/Udp6/");
        }
        PASSED_ON.forEach(reason -> places.remove("hB/peregrine/" + reason, Long.MAX_VALUE));
        return withoutTraffic(places);
    }

    /**
     * A socket with {@code UDP_GRO} counts merged datagrams that it has no room for as one. Peregrine's socket lost the
     * datagrams that came in at the device and did not come out of the socket.
     */
    private static void countMergedDatagrams(Counters places) {
        String overflow = "hB/Udp/RcvbufErrors";
        if (places.get(RECEIVED) > 0 && places.get(overflow) > 0) {
            long lost = places.get("hB/uB/rx_packets") - places.get(RECEIVED);
            long more = Math.max(0, lost - places.get(overflow));
            places.add(overflow, more);
            places.add("hB/Udp/InErrors", more);
        }
    }

    /**
     * A packet that a CPU's backlog refuses counts there, at the device that should have received it, and at its peer.
     */
    private static void backlogs(Counters places) {
        for (String[] pair : PAIRS) {
            refusedByBacklog(places, pair[0], pair[1]);
            refusedByBacklog(places, pair[1], pair[0]);
        }
        for (String place : places.counts().keySet()) {
            if (place.endsWith("/rx_dropped")) {
                long moved = places.move(place, place.replace("/rx_dropped", "/backlog"), places.get(BACKLOG));
                places.remove(BACKLOG, moved);
            }
        }
    }

    private static void refusedByBacklog(Counters places, String sender, String receiver) {
        long both = Math.min(places.get(sender + "/tx_dropped"), places.get(receiver + "/rx_dropped"));
        long moved = places.move(receiver + "/rx_dropped", receiver + "/backlog", Math.min(both, places.get(BACKLOG)));
        places.remove(sender + "/tx_dropped", moved);
        places.remove(BACKLOG, moved);
    }

    /** The drops of a veth device's queues are part of its receive drops. */
    private static void queuesOfVeth(Counters places) {
        for (String[] pair : PAIRS) {
            for (String device : pair) {
                places.remove(device + "/rx_dropped", places.sum(device + "/rx_queue_\\d+_drops"));
            }
        }
    }

    /** Packets that a device, or the queue before it, did not take. */
    private static long refused(Counters difference, String device) {
        return difference.get(device + "/tx_dropped") + difference.sum(device + "/qdisc_.*");
    }

    /** The socket and the IP layer of a sender count packets that a device below them did not take. */
    private static void senders(Counters places, Counters difference, String host) {
        long refused = difference.sum(host + "/[^/]+/(tx_dropped|qdisc_.*)");
        for (String ip : List.of("", "6")) {
            long sockets = difference.get(host + "/Udp" + ip + "/SndbufErrors");
            places.remove(host + "/Udp" + ip + "/SndbufErrors", refused);
            places.remove(host + "/Ip" + ip + "/OutDiscards", Math.max(refused, sockets));
        }
    }

    /** Every datagram that a socket does not take counts as an error in addition to its reason. */
    private static void receivers(Counters places, String protocol) {
        places.remove(
                protocol + "InErrors",
                places.get(protocol + "RcvbufErrors")
                        + places.get(protocol + "InCsumErrors")
                        + places.get(protocol + "MemErrors"));
    }

    /**
     * Datagrams that waited in a socket when it was closed. No counter has them: they reached UDP and nothing after it.
     */
    private static void unread(Counters places, Counters difference, String host) {
        long delivered = difference.get(host + "/Ip/InDelivers")
                - difference.get(host + "/Icmp/InMsgs")
                - difference.get(host + "/Tcp/InSegs");
        long accounted = difference.get(host + "/Udp/InDatagrams")
                + difference.get(host + "/Udp/InErrors")
                + difference.get(host + "/Udp/NoPorts");
        places.add(host + "/Udp/unread", Math.max(0, delivered - accounted));
    }

    private static Counters withoutTraffic(Counters places) {
        Counters drops = new Counters();
        places.counts().forEach((place, count) -> {
            if (!TRAFFIC.matcher(place).matches()) {
                drops.add(place, count);
            }
        });
        return drops;
    }
}
