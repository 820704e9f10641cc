package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.device.bridge.Learning;
import dev.peregrine.gateway.config.model.plane.AnnounceConfig;
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
 * @param learning which frames make FDB entries; empty: as {@link #learns} says
 * @param unknownUnicast what becomes of frames to unknown unicast addresses
 * @param ageing how long a learned entry lives without traffic; zero: for ever
 * @param fdbLimit largest number of FDB entries
 * @param fdbLimitPerPort largest number of learned entries behind one local port; empty: as many as fdbLimit allows
 * @param mssClamp whether TCP connections are told to send segments that fit the MTU
 * @param suppressNeighbours whether ARP and neighbour discovery for hosts behind tunnels are answered here
 * @param groupForwardMask the reserved group addresses 01:80:c2:00:00:0n that are forwarded, by bit n
 * @param control names of the control planes that the segment is part of, the one that is believed most first
 * @param announce which stations these are told of
 * @param neighbours addresses of hosts behind tunnels
 * @param flood remote VTEPs that get a copy of BUM frames
 * @param policy what every frame of the segment must pass
 */
public record VniConfig(
        int vni,
        OptionalInt mtu,
        Optional<Learning> learning,
        UnknownUnicast unknownUnicast,
        Duration ageing,
        int fdbLimit,
        OptionalInt fdbLimitPerPort,
        boolean mssClamp,
        boolean suppressNeighbours,
        int groupForwardMask,
        List<String> control,
        AnnounceConfig announce,
        List<NeighbourConfig> neighbours,
        List<InetAddress> flood,
        List<FdbEntryConfig> fdb,
        List<PortConfig> ports,
        Optional<PolicyConfig> policy) {

    public VniConfig {
        control = List.copyOf(control);
        neighbours = List.copyOf(neighbours);
        flood = List.copyOf(flood);
        fdb = List.copyOf(fdb);
        ports = List.copyOf(ports);
    }

    /** The treatment of a frame to a unicast address that has no FDB entry. */
    public enum UnknownUnicast {
        /** All get it. */
        FLOOD,
        /** Nobody gets it: a control plane has told all there is. */
        DROP
    }

    /** Which frames make FDB entries: where planes say what is behind tunnels, those of local ports, or else all. */
    public Learning learns() {
        return learning.orElse(control.isEmpty() ? Learning.ALL : Learning.PORTS);
    }

    /** The same with other neighbours. */
    public VniConfig withNeighbours(List<NeighbourConfig> others) {
        return with(others, flood, fdb, ports, policy);
    }

    /** The same with another flood list. */
    public VniConfig withFlood(List<InetAddress> others) {
        return with(neighbours, others, fdb, ports, policy);
    }

    /** The same with other static FDB entries. */
    public VniConfig withFdb(List<FdbEntryConfig> others) {
        return with(neighbours, flood, others, ports, policy);
    }

    /** The same with other ports. */
    public VniConfig withPorts(List<PortConfig> others) {
        return with(neighbours, flood, fdb, others, policy);
    }

    /** The same with another policy. */
    public VniConfig withPolicy(Optional<PolicyConfig> other) {
        return with(neighbours, flood, fdb, ports, other);
    }

    /** The settings of this VNI, with the lists and the policy of another. */
    public VniConfig withListsOf(VniConfig other) {
        return with(other.neighbours, other.flood, other.fdb, other.ports, other.policy);
    }

    /** The settings of this VNI alone, with empty lists. */
    public VniConfig bare() {
        return with(List.of(), List.of(), List.of(), List.of(), policy);
    }

    /** As {@link #bare}, without a policy, whose rules may name address sets that come later. */
    public VniConfig fresh() {
        return with(List.of(), List.of(), List.of(), List.of(), Optional.empty());
    }

    private VniConfig with(
            List<NeighbourConfig> itsNeighbours,
            List<InetAddress> itsFlood,
            List<FdbEntryConfig> itsFdb,
            List<PortConfig> itsPorts,
            Optional<PolicyConfig> itsPolicy) {
        return new VniConfig(
                vni,
                mtu,
                learning,
                unknownUnicast,
                ageing,
                fdbLimit,
                fdbLimitPerPort,
                mssClamp,
                suppressNeighbours,
                groupForwardMask,
                control,
                announce,
                itsNeighbours,
                itsFlood,
                itsFdb,
                itsPorts,
                itsPolicy);
    }
}
