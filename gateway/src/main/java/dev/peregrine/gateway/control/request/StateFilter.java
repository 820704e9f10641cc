package dev.peregrine.gateway.control.request;

import dev.peregrine.gateway.control.Vni;
import org.jspecify.annotations.Nullable;

/**
 * Which flows of the connection table are meant, as the user has written it: those for which all that is given holds. The
 * source is the end that sent the first packet.
 *
 * @param src a MAC address, an IP address or a network, as {@code dst}
 * @param port TCP or UDP port of either end
 * @param proto {@code tcp}, {@code udp} or {@code icmp}, which is ICMPv6 as well; {@code arp}, of which there are no flows
 */
public record StateFilter(
        @Nullable Vni vni,
        @Nullable String src,
        @Nullable String dst,
        @Nullable String port,
        @Nullable String proto) {}
