package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.gateway.config.model.OffloadConfig;
import dev.peregrine.gateway.config.model.OffloadConfig.Gro;
import dev.peregrine.gateway.config.model.OffloadConfig.Offload;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Quantities;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import dev.peregrine.vxlan.TunnelSettings;
import dev.peregrine.vxlan.TunnelSettings.EncapEcn;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The keys of {@code underlay}. */
public final class UnderlayKeys {
    /** The keys of {@code underlay.offload}. */
    public static final Table<OffloadConfig> OFFLOAD =
            new Table<>("underlay.offload", UnderlayKeys::createOffload).takesRestart();

    private static final Key<OffloadConfig, Gro> GRO = OFFLOAD.defaulted(
            "gro",
            Scalars.choice(Gro.class),
            Gro.AUTO,
            OffloadConfig::gro,
            "`UDP_GRO`: the kernel hands over many received datagrams of a flow at once. `auto` and `on` use it"
                    + " where the kernel has it, which `status` says; `off` never. `wire` is for a gateway to which no VXLAN"
                    + " device of its own host sends, through a card that is not virtual: there the datagrams of several"
                    + " VNIs that the kernel merges are no reason to do without it ([ADR 15](adr/0015-tunnel-headers-tell-what-was-merged.md)).");
    private static final Key<OffloadConfig, Offload> GSO = OFFLOAD.defaulted(
            "gso",
            Scalars.choice(Offload.class),
            Offload.AUTO,
            OffloadConfig::gso,
            "`UDP_SEGMENT`: many datagrams of a flow are handed to the kernel at once.");
    private static final Key<OffloadConfig, Offload> TAP_OFFLOAD = OFFLOAD.defaulted(
            "tapOffload",
            Scalars.choice(Offload.class),
            Offload.AUTO,
            OffloadConfig::tapOffload,
            "Checksum and segmentation offload of TAP devices.");

    /** Has the defaults; its address is nobody's default. */
    private static final UnderlaySettings USUAL =
            UnderlaySettings.of(InetAddress.getLoopbackAddress(), UnderlaySettings.DEFAULT_PORT);

    /** The keys of {@code underlay}. */
    public static final Table<UnderlayConfig> TABLE = new Table<>("underlay", UnderlayKeys::create)
            .takesRestart(
                    "local", "port", "device", "mode", "sourcePorts", "checksum", "checksum6", "df", "receiveBuffer");

    private static final Key<UnderlayConfig, InetAddress> LOCAL = TABLE.required(
            "local",
            NetworkTypes.hostAddressOrVariable(System::getenv),
            UnderlayConfig::local,
            "This VTEP's address. Its family is the underlay's: every remote VTEP must be of the same. While no"
                    + " interface has it, the gateway waits. `env:NAME` is the address that the gateway's environment"
                    + " variable holds, such as a pod's.");
    private static final Key<UnderlayConfig, Integer> PORT = TABLE.defaulted(
            "port",
            Scalars.integer(1, 65535),
            USUAL.port(),
            UnderlayConfig::port,
            "UDP port of VXLAN, here and there.");
    private static final Key<UnderlayConfig, Optional<String>> DEVICE = TABLE.optional(
            "device",
            NetworkTypes.deviceName(),
            UnderlayConfig::device,
            "Interface to bind to. Without it datagrams are accepted on any. While there is none of that name, or it"
                    + " is down, the gateway waits.");
    private static final Key<UnderlayConfig, UnderlayConfig.Mode> MODE = TABLE.defaulted(
            "mode",
            Scalars.choice(UnderlayConfig.Mode.class),
            UnderlayConfig.Mode.AUTO,
            UnderlayConfig::mode,
            "How the sockets are driven: `native` is `recvmmsg` and `sendmmsg`, `netty` Netty's own datagram channel,"
                    + " a slower reference that passes no congestion marks of the underlay on, `auto` the best that"
                    + " works.");
    private static final Key<UnderlayConfig, Range> SOURCE_PORTS = TABLE.defaulted(
            "sourcePorts",
            NetworkTypes.portRange(),
            new Range(USUAL.firstSourcePort(), USUAL.lastSourcePort()),
            UnderlayConfig::sourcePorts,
            "UDP source ports to send from, picked by the inner flow (RFC 7348 §5). Busy ports are skipped. `port`"
                    + " may not lie within.");
    private static final Key<UnderlayConfig, Boolean> CHECKSUM = TABLE.defaulted(
            "checksum",
            Scalars.onOff(),
            USUAL.checksum(),
            UnderlayConfig::checksum,
            "Outer UDP checksum of datagrams sent over IPv4. `off` costs our GSO and the receiver's GRO. Received"
                    + " datagrams may be without a checksum (zero) whatever this says, over IPv6 too (RFC 7348 §5,"
                    + " RFC 6935); one that is there must be right.");
    private static final Key<UnderlayConfig, Boolean> CHECKSUM6 = TABLE.defaulted(
            "checksum6",
            Scalars.onOff(),
            USUAL.checksum(),
            UnderlayConfig::checksum6,
            "The same of datagrams sent over IPv6. `off` only where every remote VTEP takes datagrams without one (RFC"
                    + " 6935), as a VXLAN device of the kernel does with `udp6zerocsumrx`: others drop them all.");
    private static final Key<UnderlayConfig, EncapEcn> ECN = TABLE.defaulted(
            "ecn",
            Scalars.choice(EncapEcn.class),
            TunnelSettings.DEFAULT.encapEcn(),
            config -> config.tunnel().encapEcn(),
            "How ECN passes between inner and outer header; `rfc3168` does not copy CE on encap, as the kernel does.");
    private static final Key<UnderlayConfig, Integer> TTL = TABLE.defaulted(
            "ttl",
            Scalars.integerOr("inherit", TunnelSettings.INHERIT, 1, 255),
            TunnelSettings.DEFAULT.ttl(),
            config -> config.tunnel().ttl(),
            "Outer TTL or hop limit. `inherit` copies the inner packet's; non-IP frames get "
                    + TunnelSettings.DEFAULT_TTL + ".");
    private static final Key<UnderlayConfig, Integer> DSCP = TABLE.defaulted(
            "dscp",
            Scalars.integerOr("inherit", TunnelSettings.INHERIT, 0, 63),
            TunnelSettings.DEFAULT.dscp(),
            config -> config.tunnel().dscp(),
            "Outer DSCP. `inherit` copies the inner packet's; non-IP frames get 0.");
    private static final Key<UnderlayConfig, Boolean> DF = TABLE.defaulted(
            "df", Scalars.flag(), USUAL.df(), UnderlayConfig::df, "Don't Fragment on outer IPv4 datagrams.");
    private static final Key<UnderlayConfig, Long> RESERVED_BITS = TABLE.defaulted(
            "reservedBits",
            NetworkTypes.reservedBits(),
            TunnelSettings.DEFAULT.reservedBits(),
            config -> config.tunnel().reservedBits(),
            "Datagrams with reserved VXLAN bits set: `ignore` the bits (RFC 7348), or `strict`: drop, as Linux does. A mask"
                    + " names the bits that drop, as `reserved_bits` of `ip link` does.");
    private static final Key<UnderlayConfig, Optional<List<Prefix>>> ALLOW = TABLE.defaulted(
            "allow",
            Lists.listOrAuto(NetworkTypes.network()),
            Optional.empty(),
            UnderlayConfig::allow,
            "Networks to accept VXLAN from. `auto` is every VTEP of `vteps`, the flood lists and the static FDB entries.");
    private static final Key<UnderlayConfig, List<InetAddress>> VTEPS = TABLE.defaulted(
            "vteps",
            Lists.listOf(NetworkTypes.hostAddress()),
            List.of(),
            UnderlayConfig::vteps,
            "Remote VTEPs beside those of the flood lists and the static FDB entries: datagrams from them are accepted where"
                    + " `allow` is `auto`, and floods do not go to them.");
    private static final Key<UnderlayConfig, Long> RECEIVE_BUFFER = TABLE.defaulted(
            "receiveBuffer",
            Quantities.size(64 << 10, 1 << 30),
            (long) USUAL.receiveBufferBytes(),
            UnderlayConfig::receiveBufferBytes,
            "Receive buffer asked of the kernel for each receiving socket.");
    private static final Key<UnderlayConfig, OffloadConfig> OFFLOADS =
            TABLE.section("offload", OFFLOAD, UnderlayConfig::offload, "The kernel offloads to use; see below.");

    private UnderlayKeys() {}

    private static OffloadConfig createOffload(Values values) {
        return new OffloadConfig(values.get(GRO), values.get(GSO), values.get(TAP_OFFLOAD));
    }

    private static UnderlayConfig create(Values values) {
        return new UnderlayConfig(
                values.get(LOCAL),
                values.get(PORT),
                values.get(DEVICE),
                values.get(MODE),
                values.get(SOURCE_PORTS),
                values.get(CHECKSUM),
                values.get(CHECKSUM6),
                new TunnelSettings(values.get(RESERVED_BITS), values.get(ECN), values.get(DSCP), values.get(TTL)),
                values.get(DF),
                values.get(ALLOW),
                values.get(VTEPS),
                values.get(RECEIVE_BUFFER),
                values.get(OFFLOADS));
    }

    /** The local address, for what is read after the underlay. */
    static InetAddress local(Values root) {
        return root.get(RootKeys.UNDERLAY).local();
    }
}
