package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.SocketPortConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.schema.ChosenTable;
import dev.peregrine.gateway.config.schema.JsonSchema;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.schema.Values;
import dev.peregrine.gateway.config.value.Delivery;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The keys of an element of {@code ports}: a table for each {@code type}. */
public final class PortKeys {
    static final String NAME_MEANING = "The port's name in commands, counters and logs; unique in the file.";
    static final String NETNS_MEANING = "Network namespace of the device: a name under `/run/netns` or a path."
            + " Without it, the gateway's own. One that is not there yet leaves the port waiting.";
    static final String MAC_DEFAULT_MEANING =
            " `auto` derives a locally administered address from `underlay.local`, the VNI and the port's name.";

    static final String POLICY_MEANING = "Rules for the port's frames, beside those of its VNI.";

    /** The keys of a route of a TAP or veth port. */
    public static final Table<Route> ROUTE = new Table<>("vnis[].ports[].routes[]", PortKeys::createRoute);

    private static final Key<Route, Prefix> TO =
            ROUTE.required("to", NetworkTypes.network(), Route::to, "Destination.");
    private static final Key<Route, Optional<InetAddress>> VIA = ROUTE.optional(
            "via",
            NetworkTypes.hostAddress(),
            route -> Optional.ofNullable(route.via()),
            "Next hop, of the destination's family. Without it the destination is on the link.");

    /** The keys of a TAP port. */
    public static final Table<TapPortConfig> TAP =
            new TapKeys(TapPortConfig.Kind.TAP, "A TAP device that the gateway makes and removes.").table();

    /** The keys of a veth port. */
    public static final Table<TapPortConfig> VETH = new TapKeys(
                    TapPortConfig.Kind.VETH,
                    "One end of a veth pair that the gateway makes and removes; see [veth-ports.md](veth-ports.md).")
            .table();

    /** The keys of an interface port. */
    public static final Table<InterfacePortConfig> INTERFACE =
            new Table<>("vnis[].ports[] of type interface", PortKeys::createInterface);

    private static final Key<InterfacePortConfig, String> INTERFACE_NAME =
            INTERFACE.required("name", NetworkTypes.portName(), InterfacePortConfig::name, NAME_MEANING);

    static {
        INTERFACE.required(
                "type",
                word(InterfacePortConfig.TYPE),
                InterfacePortConfig::type,
                "An interface that exists already, such as a network card or one end of a veth pair, through `AF_PACKET`: the port"
                        + " takes every frame that arrives there. Give it no addresses: its own network stack sees the frames too.");
    }

    private static final Key<InterfacePortConfig, String> INTERFACE_DEVICE = INTERFACE.required(
            "device", NetworkTypes.deviceName(), InterfacePortConfig::device, "The interface's name.");
    private static final Key<InterfacePortConfig, Optional<String>> INTERFACE_NETNS =
            INTERFACE.optional("netns", NetworkTypes.namespace(), InterfacePortConfig::netns, NETNS_MEANING);

    private static final Key<InterfacePortConfig, Optional<PolicyConfig>> INTERFACE_POLICY =
            INTERFACE.optional("policy", PolicyKeys.POLICY, InterfacePortConfig::policy, POLICY_MEANING);

    /** The keys of a socket port. */
    public static final Table<SocketPortConfig> SOCKET =
            new Table<>("vnis[].ports[] of type socket", PortKeys::createSocket);

    private static final Key<SocketPortConfig, String> SOCKET_NAME =
            SOCKET.required("name", NetworkTypes.portName(), SocketPortConfig::name, NAME_MEANING);

    static {
        SOCKET.required(
                "type",
                word(SocketPortConfig.TYPE),
                SocketPortConfig::type,
                "A destination without a network stack: UDP payloads go to a local datagram socket; see [socket-ports.md](socket-ports.md).");
    }

    private static final Key<SocketPortConfig, InetSocketAddress> SOCKET_LISTEN = SOCKET.required(
            "listen",
            NetworkTypes.socketAddress(),
            SocketPortConfig::listen,
            "Inner address and UDP port. The gateway answers ARP and ND for the address.");
    private static final Key<SocketPortConfig, Delivery> SOCKET_DELIVER = SOCKET.required(
            "deliver",
            NetworkTypes.delivery(),
            SocketPortConfig::deliver,
            "The local datagram socket that gets the payloads and sends the replies. The gateway's sockets beside a Unix path are"
                    + " `PATH.PORT.WORKER.NNNN`; the path has at most 97 bytes less the length of the port's name.");
    private static final Key<SocketPortConfig, Optional<MacAddress>> SOCKET_MAC = SOCKET.defaulted(
            "mac",
            NetworkTypes.macOrAuto(),
            Optional.empty(),
            port -> Optional.of(port.mac()),
            "The MAC address that stands for the inner address." + MAC_DEFAULT_MEANING);

    private static final Key<SocketPortConfig, Optional<PolicyConfig>> SOCKET_POLICY =
            SOCKET.optional("policy", PolicyKeys.POLICY, SocketPortConfig::policy, POLICY_MEANING);

    /** A port: its {@code type} says which table reads it. */
    public static final ChosenTable<PortConfig> PORT = new ChosenTable<>(
            PortConfig.class,
            PortConfig::type,
            List.of(
                    new ChosenTable.Choice<>(EnumWord.of(TapPortConfig.Kind.TAP), TapPortConfig.class, TAP),
                    new ChosenTable.Choice<>(EnumWord.of(TapPortConfig.Kind.VETH), TapPortConfig.class, VETH),
                    new ChosenTable.Choice<>(InterfacePortConfig.TYPE, InterfacePortConfig.class, INTERFACE),
                    new ChosenTable.Choice<>(SocketPortConfig.TYPE, SocketPortConfig.class, SOCKET)));

    private PortKeys() {}

    static ValueType<String> word(String word) {
        return Scalars.scalar(word, JsonSchema.oneOf(List.of(word)), text -> text.equals(word) ? word : null);
    }

    private static Route createRoute(Values values) {
        return new Route(values.get(TO), values.get(VIA).orElse(null));
    }

    private static InterfacePortConfig createInterface(Values values) {
        return new InterfacePortConfig(
                values.get(INTERFACE_NAME),
                values.get(INTERFACE_DEVICE),
                values.get(INTERFACE_NETNS),
                values.get(INTERFACE_POLICY));
    }

    private static SocketPortConfig createSocket(Values values) {
        String name = values.get(SOCKET_NAME);
        return new SocketPortConfig(
                name,
                values.get(SOCKET_LISTEN),
                values.get(SOCKET_DELIVER),
                values.get(SOCKET_MAC).orElseGet(() -> derivedMac(values, name)),
                values.get(SOCKET_POLICY));
    }

    /** The VTEP's address is part of it: two hosts may well name their ports of one segment alike. */
    static MacAddress derivedMac(Values port, String name) {
        Values vni = port.around();
        String local = AddressText.of(UnderlayKeys.local(vni.around()));
        return MacAddress.derivedFrom(local + "/" + VniKeys.number(vni) + "/" + name);
    }

    /** The words of all types of ports; the gateway makes ports of each. */
    public static Set<String> types() {
        return PORT.types();
    }
}
