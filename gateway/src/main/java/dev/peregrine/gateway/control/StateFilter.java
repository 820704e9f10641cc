package dev.peregrine.gateway.control;

import dev.peregrine.dataplane.linux.Prefix;
import dev.peregrine.gateway.config.MacAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which flows of the connection table are meant: those for which all that is given holds. The source is the end that sent
 * the first packet.
 *
 * @param port TCP or UDP port of either end
 * @param protocol {@code tcp}, {@code udp} or {@code icmp}, which is ICMPv6 as well; {@code arp}, of which there are no flows
 */
public record StateFilter(
        OptionalInt vni, Optional<End> source, Optional<End> destination, OptionalInt port, Optional<String> protocol) {
    /** Every flow. */
    public static final StateFilter ALL = new StateFilter(
            OptionalInt.empty(), Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.empty());

    /** A MAC address or a network, one of the two. */
    public record End(Optional<MacAddress> mac, Optional<Prefix> network) {}
}
