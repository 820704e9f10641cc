package dev.peregrine.gateway.config.model.policy;

import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A packet as {@code policy test} is told of it; what is empty is 0.
 *
 * @param protocol as {@link dev.peregrine.dataplane.policy.match.Match} counts, but not any
 * @param fragment whether it is a fragment other than the first, which has no ports, types and flags
 */
public record PacketConfig(
        int protocol,
        Optional<InetAddress> source,
        Optional<InetAddress> destination,
        Optional<MacAddress> sourceMac,
        Optional<MacAddress> destinationMac,
        int sourcePort,
        int destinationPort,
        int icmpType,
        int icmpCode,
        Optional<TcpFlags> tcpFlags,
        boolean fragment) {}
