package dev.peregrine.load.gen;

import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.load.InnerEnd;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The traffic to send.
 *
 * @param to underlay address of the receiving VTEP
 * @param from source address on the underlay; null: that of the route
 * @param source the first flow's source; other flows have higher ports, then higher addresses
 * @param packetsPerSecond 0: as fast as possible
 * @param count datagrams to send at most
 * @param durationSeconds the most seconds to send
 * @param burst datagrams of one flow in a row, due together
 * @param churnPerSecond flows replaced by new ones per second
 * @param malformedPercent share of datagrams that are malformed, 0 to 100
 * @param ecn whether inner and outer packets are ECT(0)
 * @param run distinguishes this run's flows from those of others, 0 to 255
 */
record GenPlan(
        UdpAddress to,
        @Nullable InetAddress from,
        int vni,
        InnerEnd destination,
        InnerEnd source,
        PayloadSizes sizes,
        double packetsPerSecond,
        long count,
        double durationSeconds,
        int flows,
        int burst,
        double churnPerSecond,
        double malformedPercent,
        boolean gso,
        boolean ecn,
        long seed,
        int run) {}
