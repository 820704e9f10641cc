package dev.peregrine.gateway.observe;

import static dev.peregrine.dataplane.observe.PacketFilter.ANY;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.observe.PacketFilter;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.fastpath.FlowEntry;
import dev.peregrine.gateway.control.CommandRefused;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Chooses flows of the flow cache by the words that choose packets. */
public final class FlowChoice {
    private final PacketFilter filter;

    private FlowChoice(PacketFilter filter) {
        this.filter = filter;
    }

    /**
     * Reads the words of a FILTER; null and none choose every flow.
     *
     * @throws CommandRefused says which word is wrong, and what is expected
     */
    public static FlowChoice of(@Nullable List<String> words) throws CommandRefused {
        PacketFilter filter = FilterWords.parse(words);
        if (filter.drop() != null) {
            throw CommandRefused.unreadable(
                    "found drop; expected vni, src, dst, port or proto: no flow of the cache is dropped");
        }
        return new FlowChoice(filter);
    }

    /** Whether a flow of a VNI is chosen. */
    public boolean has(FlowEntry flow, int vni) {
        return (filter.vni() == ANY || filter.vni() == vni)
                && (filter.sourceMac() == ANY || filter.sourceMac() == flow.sourceMac())
                && (filter.destinationMac() == ANY || filter.destinationMac() == flow.destinationMac())
                && contains(filter.source(), flow.source())
                && contains(filter.destination(), flow.destination())
                && (filter.port() == ANY || hasPort(flow))
                && carries(filter.protocol(), flow.protocol());
    }

    private static boolean contains(@Nullable Network network, InetAddress address) {
        if (network == null) return true;
        byte[] bytes = address.getAddress();
        Network its = Network.of(bytes, bytes.length * Byte.SIZE);
        return its.family() == network.family()
                && ((its.high() ^ network.high()) & Network.maskHigh(network.length())) == 0
                && ((its.low() ^ network.low()) & Network.maskLow(network.length())) == 0;
    }

    private boolean hasPort(FlowEntry flow) {
        boolean hasPorts = flow.protocol() == IpProtocol.TCP || flow.protocol() == IpProtocol.UDP;
        return hasPorts && (flow.ends() >>> 16 == filter.port() || (flow.ends() & 0xffff) == filter.port());
    }

    private static boolean carries(PacketFilter.@Nullable Protocol wanted, int protocol) {
        if (wanted == null) return true;
        return switch (wanted) {
            case TCP -> protocol == IpProtocol.TCP;
            case UDP -> protocol == IpProtocol.UDP;
            case ICMP -> protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
            case ICMP6 -> protocol == IpProtocol.ICMPV6;
            case ND, ARP -> false; // never cached
        };
    }
}
