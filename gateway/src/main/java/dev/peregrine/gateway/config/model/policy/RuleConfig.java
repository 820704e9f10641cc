package dev.peregrine.gateway.config.model.policy;

import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.gateway.config.value.AddressTerm;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A rule of a policy; what is empty holds for every frame.
 *
 * @param name unique in its list
 * @param protocol as {@link dev.peregrine.dataplane.policy.match.Match} counts
 * @param source networks and sets, one of which must hold
 * @param destination networks and sets, one of which must hold
 * @param packetsPerSecond of action limit; 0 for none
 * @param bitsPerSecond of action limit; 0 for none
 * @param burst of action limit: what passes at once after a pause, as the rate's worth of this time
 * @param logEvery n to log about one of n packets; 0 for none
 */
public record RuleConfig(
        String name,
        Action action,
        int protocol,
        List<AddressTerm> source,
        List<AddressTerm> destination,
        Optional<MacAddress> sourceMac,
        Optional<MacAddress> destinationMac,
        List<Range> sourcePorts,
        List<Range> destinationPorts,
        Optional<Range> icmpType,
        Optional<Range> icmpCode,
        Optional<TcpFlags> tcpFlags,
        long packetsPerSecond,
        long bitsPerSecond,
        Duration burst,
        int logEvery) {

    public RuleConfig {
        source = List.copyOf(source);
        destination = List.copyOf(destination);
        sourcePorts = List.copyOf(sourcePorts);
        destinationPorts = List.copyOf(destinationPorts);
    }
}
