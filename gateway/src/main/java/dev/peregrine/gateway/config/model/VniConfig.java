package dev.peregrine.gateway.config.model;

import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One segment.
 *
 * @param vni 0 to 16,777,215
 * @param mtu largest inner IP packet, in bytes; empty: the underlay's MTU less the overhead
 * @param ageing how long a learned entry lives without traffic; zero: for ever
 * @param fdbLimit largest number of FDB entries
 * @param fdbLimitPerPort largest number of learned entries behind one local port; empty: as many as fdbLimit allows
 * @param mssClamp whether TCP connections are told to send segments that fit the MTU
 * @param suppressNeighbours whether ARP and neighbour discovery for hosts behind tunnels are answered here
 * @param groupForwardMask the reserved group addresses 01:80:c2:00:00:0n that are forwarded, by bit n
 * @param neighbours addresses of hosts behind tunnels
 * @param flood remote VTEPs that get a copy of BUM frames
 * @param policy what every frame of the segment must pass
 */
public record VniConfig(
        int vni,
        OptionalInt mtu,
        boolean learning,
        Duration ageing,
        int fdbLimit,
        OptionalInt fdbLimitPerPort,
        boolean mssClamp,
        boolean suppressNeighbours,
        int groupForwardMask,
        List<NeighbourConfig> neighbours,
        List<InetAddress> flood,
        List<FdbEntryConfig> fdb,
        List<PortConfig> ports,
        Optional<PolicyConfig> policy) {

    public VniConfig {
        neighbours = List.copyOf(neighbours);
        flood = List.copyOf(flood);
        fdb = List.copyOf(fdb);
        ports = List.copyOf(ports);
    }
}
