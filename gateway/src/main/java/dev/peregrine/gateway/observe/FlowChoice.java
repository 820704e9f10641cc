package dev.peregrine.gateway.observe;

import static dev.peregrine.dataplane.observe.PacketFilter.ANY;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.observe.PacketFilter.Protocol;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.gateway.control.CommandRefused;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses flows, of the flow cache or of the connection table, by the words that choose packets. */
public final class FlowChoice {
    private final PacketFilter filter;

    private FlowChoice(PacketFilter filter) {
        this.filter = filter;
    }

    /**
     * A flow as its source sends it.
     *
     * @param protocol its IP protocol
     * @param sourcePort of TCP and UDP; of others anything
     * @param destinationPort as {@code sourcePort}
     */
    public record Flow(
            int vni,
            long sourceMac,
            long destinationMac,
            InetAddress source,
            InetAddress destination,
            int protocol,
            int sourcePort,
            int destinationPort) {}

    /**
     * Reads the words of a FILTER; null and none choose every flow.
     *
     * @throws CommandRefused says which word is wrong, and what is expected
     */
    public static FlowChoice of(@Nullable List<String> words) throws CommandRefused {
        PacketFilter filter = FilterWords.parse(words);
        if (filter.drop() != null) {
            throw CommandRefused.unreadable("found drop; expected vni, src, dst, port or proto: flows are not dropped");
        }
        return new FlowChoice(filter);
    }

    /** The VNI that flows must have; {@link PacketFilter#ANY} for any. */
    public int vni() {
        return filter.vni();
    }

    /** Whether a flow is chosen. Messages of neighbour discovery and ARP belong to none. */
    public boolean has(Flow flow) {
        return (filter.vni() == ANY || filter.vni() == flow.vni)
                && (filter.sourceMac() == ANY || filter.sourceMac() == flow.sourceMac)
                && (filter.destinationMac() == ANY || filter.destinationMac() == flow.destinationMac)
                && contains(filter.source(), flow.source)
                && contains(filter.destination(), flow.destination)
                && (filter.port() == ANY || hasPort(flow))
                && carries(filter.protocol(), flow.protocol);
    }

    private static boolean contains(@Nullable Network network, InetAddress address) {
        return network == null || network.contains(address.getAddress());
    }

    private boolean hasPort(Flow flow) {
        boolean hasPorts = flow.protocol == IpProtocol.TCP || flow.protocol == IpProtocol.UDP;
        return hasPorts && (flow.sourcePort == filter.port() || flow.destinationPort == filter.port());
    }

    private static boolean carries(@Nullable Protocol wanted, int protocol) {
        return wanted == null || (wanted != Protocol.ND && wanted.isOf(protocol));
    }
}
