package dev.peregrine.gateway.config.keys;

import dev.peregrine.gateway.config.model.policy.PacketConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.net.InetAddress;
import java.util.Optional;

/** The keys of a packet that {@code policy test} is asked about. */
public final class PacketKeys {
    /** The keys of a packet as {@code policy test} takes it. */
    public static final Table<PacketConfig> PACKET = new Table<>("the packet of policy test", PacketKeys::create);

    private static final Key<PacketConfig, Integer> PROTOCOL = PACKET.required(
            "protocol", PolicyTypes.oneProtocol(), PacketConfig::protocol, "`other` is neither IP nor ARP.");
    private static final Key<PacketConfig, Optional<InetAddress>> SOURCE =
            PACKET.optional("source", NetworkTypes.anyAddress(), PacketConfig::source, "Source address.");
    private static final Key<PacketConfig, Optional<InetAddress>> DESTINATION = PACKET.optional(
            "destination", NetworkTypes.anyAddress(), PacketConfig::destination, "Destination address.");
    private static final Key<PacketConfig, Optional<MacAddress>> SOURCE_MAC =
            PACKET.optional("sourceMac", NetworkTypes.anyMac(), PacketConfig::sourceMac, "Source MAC address.");
    private static final Key<PacketConfig, Optional<MacAddress>> DESTINATION_MAC = PACKET.optional(
            "destinationMac", NetworkTypes.anyMac(), PacketConfig::destinationMac, "Destination MAC address.");
    private static final Key<PacketConfig, Integer> SOURCE_PORT =
            PACKET.defaulted("sourcePort", Scalars.integer(0, 65535), 0, PacketConfig::sourcePort, "Source port.");
    private static final Key<PacketConfig, Integer> DESTINATION_PORT = PACKET.defaulted(
            "destinationPort", Scalars.integer(0, 65535), 0, PacketConfig::destinationPort, "Destination port.");
    private static final Key<PacketConfig, Integer> ICMP_TYPE =
            PACKET.defaulted("icmpType", Scalars.integer(0, 255), 0, PacketConfig::icmpType, "ICMP type.");
    private static final Key<PacketConfig, Integer> ICMP_CODE =
            PACKET.defaulted("icmpCode", Scalars.integer(0, 255), 0, PacketConfig::icmpCode, "ICMP code.");
    private static final Key<PacketConfig, Optional<TcpFlags>> TCP_FLAGS =
            PACKET.optional("tcpFlags", PolicyTypes.tcpFlags(), PacketConfig::tcpFlags, "The TCP flags that are set.");
    private static final Key<PacketConfig, Boolean> FRAGMENT = PACKET.defaulted(
            "fragment",
            Scalars.flag(),
            false,
            PacketConfig::fragment,
            "Whether it is a fragment other than the first.");

    private PacketKeys() {}

    private static PacketConfig create(Values values) {
        return new PacketConfig(
                values.get(PROTOCOL),
                values.get(SOURCE),
                values.get(DESTINATION),
                values.get(SOURCE_MAC),
                values.get(DESTINATION_MAC),
                values.get(SOURCE_PORT),
                values.get(DESTINATION_PORT),
                values.get(ICMP_TYPE),
                values.get(ICMP_CODE),
                values.get(TCP_FLAGS),
                values.get(FRAGMENT));
    }
}
