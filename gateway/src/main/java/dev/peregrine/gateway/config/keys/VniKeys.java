package dev.peregrine.gateway.config.keys;

import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.NeighbourConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.plane.AnnounceConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Quantities;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.Values;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The keys of an element of {@code vnis}. */
public final class VniKeys {
    /** The keys of an FDB entry of a VNI. */
    public static final Table<FdbEntryConfig> FDB_ENTRY = new Table<>("vnis[].fdb[]", VniKeys::createEntry);

    private static final Key<FdbEntryConfig, MacAddress> ENTRY_MAC =
            FDB_ENTRY.required("mac", NetworkTypes.mac(), FdbEntryConfig::mac, "The station's address.");
    private static final Key<FdbEntryConfig, Optional<InetAddress>> ENTRY_VTEP = FDB_ENTRY.optional(
            "vtep",
            NetworkTypes.hostAddress(),
            FdbEntryConfig::vtep,
            "The remote VTEP that it is behind. Either this or `port`.");
    private static final Key<FdbEntryConfig, Optional<String>> ENTRY_PORT = FDB_ENTRY.optional(
            "port", NetworkTypes.portName(), FdbEntryConfig::port, "The local port of this VNI that it is behind.");

    /** The keys of a neighbour of a VNI. */
    public static final Table<NeighbourConfig> NEIGHBOUR = new Table<>("vnis[].neighbours[]", VniKeys::createNeighbour);

    private static final Key<NeighbourConfig, InetAddress> NEIGHBOUR_ADDRESS = NEIGHBOUR.required(
            "address", NetworkTypes.hostAddress(), NeighbourConfig::address, "The host's IPv4 or IPv6 address.");
    private static final Key<NeighbourConfig, MacAddress> NEIGHBOUR_MAC =
            NEIGHBOUR.required("mac", NetworkTypes.mac(), NeighbourConfig::mac, "Its MAC address.");

    /** The keys of {@code announce}. */
    public static final Table<AnnounceConfig> ANNOUNCE = new Table<>("vnis[].announce", VniKeys::createAnnounce);

    private static final Key<AnnounceConfig, Boolean> ANNOUNCE_LEARNED = ANNOUNCE.defaulted(
            "learned",
            Scalars.flag(),
            false,
            AnnounceConfig::learned,
            "Whether MAC addresses that are learned at interface ports are announced, at most 100 a second. Those that"
                    + " ports have themselves always are.");
    private static final Key<AnnounceConfig, Integer> ANNOUNCE_LIMIT = ANNOUNCE.defaulted(
            "limit",
            Scalars.integer(1, 65_536),
            1024,
            AnnounceConfig::limit,
            "The most learned MAC addresses that are announced.");

    /** The keys of a VNI. */
    public static final Table<VniConfig> TABLE = new Table<>("vnis[]", VniKeys::create);

    private static final Key<VniConfig, Integer> VNI = TABLE.required(
            "vni", Scalars.integer(0, (1 << 24) - 1), VniConfig::vni, "The segment's number, each once.");
    private static final Key<VniConfig, OptionalInt> MTU = TABLE.defaulted(
            "mtu",
            Scalars.integerOr("auto", 68, 65535),
            OptionalInt.empty(),
            VniConfig::mtu,
            "Largest inner IP packet in bytes, at least 1280 where a port has an IPv6 address. `auto` is the least"
                    + " MTU of the routes to the VNI's remote VTEPs less the overhead (50 bytes over IPv4, 70 over IPv6),"
                    + " and follows them.");
    private static final Key<VniConfig, Boolean> LEARNING = TABLE.defaulted(
            "learning", Scalars.flag(), true, VniConfig::learning, "Whether source MAC addresses are learned.");
    private static final Key<VniConfig, Duration> AGEING = TABLE.defaulted(
            "ageing",
            Quantities.durationOrZero(Duration.ofSeconds(10), Duration.ofSeconds(1_000_000)),
            Duration.ofSeconds(300),
            VniConfig::ageing,
            "How long a learned entry lives without traffic; 0 is for ever.");
    private static final Key<VniConfig, Integer> FDB_LIMIT = TABLE.defaulted(
            "fdbLimit",
            Scalars.integer(1, 1 << 20),
            8192,
            VniConfig::fdbLimit,
            "Largest number of FDB entries; beyond it nothing is learned.");
    private static final Key<VniConfig, OptionalInt> FDB_LIMIT_PER_PORT = TABLE.defaulted(
            "fdbLimitPerPort",
            Scalars.integerOr("none", 1, 1 << 20),
            OptionalInt.empty(),
            VniConfig::fdbLimitPerPort,
            "Largest number of learned FDB entries behind one local port, so that no workload takes all places; nothing"
                    + " is learned behind a port, nor moves there, beyond it. `none` leaves it to `fdbLimit`.");
    private static final Key<VniConfig, Boolean> MSS_CLAMP = TABLE.defaulted(
            "mssClamp",
            Scalars.flag(),
            false,
            VniConfig::mssClamp,
            "Whether the maximum segment size that TCP connections are opened with is lowered to what fits, for hosts"
                    + " that ICMP does not reach.");
    private static final Key<VniConfig, Boolean> SUPPRESS_NEIGHBOURS = TABLE.defaulted(
            "suppressNeighbours",
            Scalars.flag(),
            false,
            VniConfig::suppressNeighbours,
            "Whether ARP requests and IPv6 neighbour solicitations for hosts behind remote VTEPs are answered here"
                    + " instead of flooded, once their addresses are known.");
    private static final Key<VniConfig, Integer> GROUP_FORWARD_MASK = TABLE.defaulted(
            "groupForwardMask",
            Scalars.integer(0, 0xffff),
            0,
            VniConfig::groupForwardMask,
            "Which reserved group addresses are forwarded, as the kernel's `group_fwd_mask`: bit n stands for"
                    + " 01:80:c2:00:00:0n. Bridges keep them to themselves: 0 is spanning tree (1), 1 pause (2), 2 LACP"
                    + " (4), 3 802.1X (8), 14 LLDP (16384). Spanning trees and link aggregations of two sites that see each"
                    + " other's frames disturb each other.");
    private static final Key<VniConfig, List<String>> CONTROL = TABLE.defaulted(
            "control",
            Lists.listOf(NetworkTypes.portName()),
            List.of(),
            VniConfig::control,
            "Names of planes of `control.planes` by which the VNI's VTEPs and stations are known, beside those in this"
                    + " file, which always win. Where two claim a station, the plane that stands first wins.");
    private static final Key<VniConfig, AnnounceConfig> ANNOUNCED =
            TABLE.section("announce", ANNOUNCE, VniConfig::announce, "Which stations the VNI's planes are told of.");
    private static final Key<VniConfig, List<NeighbourConfig>> NEIGHBOURS = TABLE.defaulted(
            "neighbours",
            Lists.listOf(NEIGHBOUR),
            List.of(),
            VniConfig::neighbours,
            "Addresses of hosts behind remote VTEPs that are known from the start and never change; see below.");
    private static final Key<VniConfig, List<InetAddress>> FLOOD = TABLE.defaulted(
            "flood",
            Lists.listOf(NetworkTypes.hostAddress()),
            List.of(),
            VniConfig::flood,
            "Remote VTEPs that get a copy of every broadcast, unknown unicast and multicast frame."
                    + " The gateway leaves `underlay.local` out, so one list does for all gateways.");
    private static final Key<VniConfig, List<FdbEntryConfig>> FDB = TABLE.defaulted(
            "fdb",
            Lists.listOf(FDB_ENTRY),
            List.of(),
            VniConfig::fdb,
            "Static FDB entries, which learning never overrides; see below.");
    private static final Key<VniConfig, List<PortConfig>> PORTS = TABLE.defaulted(
            "ports", Lists.listOf(PortKeys.PORT), List.of(), VniConfig::ports, "The local ports; see below.");
    private static final Key<VniConfig, Optional<PolicyConfig>> POLICY = TABLE.optional(
            "policy",
            PolicyKeys.POLICY,
            VniConfig::policy,
            "Rules for every frame of the segment, beside those of its ports.");

    private VniKeys() {}

    private static FdbEntryConfig createEntry(Values values) {
        return new FdbEntryConfig(values.get(ENTRY_MAC), values.get(ENTRY_VTEP), values.get(ENTRY_PORT));
    }

    private static NeighbourConfig createNeighbour(Values values) {
        return new NeighbourConfig(values.get(NEIGHBOUR_ADDRESS), values.get(NEIGHBOUR_MAC));
    }

    private static AnnounceConfig createAnnounce(Values values) {
        return new AnnounceConfig(values.get(ANNOUNCE_LEARNED), values.get(ANNOUNCE_LIMIT));
    }

    private static VniConfig create(Values values) {
        return new VniConfig(
                values.get(VNI),
                values.get(MTU),
                values.get(LEARNING),
                values.get(AGEING),
                values.get(FDB_LIMIT),
                values.get(FDB_LIMIT_PER_PORT),
                values.get(MSS_CLAMP),
                values.get(SUPPRESS_NEIGHBOURS),
                values.get(GROUP_FORWARD_MASK),
                values.get(CONTROL),
                values.get(ANNOUNCED),
                values.get(NEIGHBOURS),
                values.get(FLOOD),
                values.get(FDB),
                values.get(PORTS),
                values.get(POLICY));
    }

    /** The number of the VNI that {@code values} are of, for what is read after it. */
    static int number(Values values) {
        return values.get(VNI);
    }
}
