package dev.peregrine.gateway.config.keys;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.TokenBucket;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Range;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.model.policy.AntiSpoofingConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.model.policy.RuleListConfig;
import dev.peregrine.gateway.config.model.policy.StormConfig;
import dev.peregrine.gateway.config.schema.Key;
import dev.peregrine.gateway.config.schema.Lists;
import dev.peregrine.gateway.config.schema.Quantities;
import dev.peregrine.gateway.config.schema.Scalars;
import dev.peregrine.gateway.config.schema.Table;
import dev.peregrine.gateway.config.schema.ValueType;
import dev.peregrine.gateway.config.schema.Values;
import dev.peregrine.gateway.config.value.AddressTerm;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The keys of {@code policy} sections and of {@code addressSets}. */
public final class PolicyKeys {
    private static final String SOURCE_MEANING = ", one of which must hold: a network, or `set:` and the name of an"
            + " address set. Makes the rule one for IP alone.";

    private static final String BURST_MEANING =
            "what passes at once after a pause, as the rate's worth of this time; at" + " least one packet.";

    /** The keys of an address set. */
    public static final Table<AddressSetConfig> ADDRESS_SET = new Table<>("addressSets[]", PolicyKeys::createSet);

    private static final Key<AddressSetConfig, String> SET_NAME =
            ADDRESS_SET.required("name", NetworkTypes.portName(), AddressSetConfig::name, "The set's name.");
    private static final Key<AddressSetConfig, List<Prefix>> SET_ADDRESSES = ADDRESS_SET.required(
            "addresses", Lists.listOf(NetworkTypes.network()), AddressSetConfig::addresses, "Its networks.");

    /** The keys of a rule. */
    public static final Table<RuleConfig> RULE =
            new Table<>("policy.in.rules[], policy.out.rules[]", PolicyKeys::createRule);

    private static final Key<RuleConfig, String> NAME =
            RULE.required("name", NetworkTypes.portName(), RuleConfig::name, "The rule's name, unique in its list.");
    private static final Key<RuleConfig, Action> ACTION = RULE.required(
            "action",
            Scalars.choice(Action.class),
            RuleConfig::action,
            "The fate of frames that meet the rule before any other: `allow` lets them pass this list, `deny` drops"
                    + " them, `limit` lets them pass while a rate is not used up.");
    private static final Key<RuleConfig, Integer> PROTOCOL = RULE.defaulted(
            "protocol", PolicyTypes.protocol(), Match.ANY, RuleConfig::protocol, "`other` is neither IP nor ARP.");
    private static final Key<RuleConfig, List<AddressTerm>> SOURCE = RULE.defaulted(
            "source",
            Lists.listOf(PolicyTypes.networkOrSet()),
            List.of(),
            RuleConfig::source,
            "Source addresses" + SOURCE_MEANING);
    private static final Key<RuleConfig, List<AddressTerm>> DESTINATION = RULE.defaulted(
            "destination",
            Lists.listOf(PolicyTypes.networkOrSet()),
            List.of(),
            RuleConfig::destination,
            "Destination addresses" + SOURCE_MEANING);
    private static final Key<RuleConfig, Optional<MacAddress>> SOURCE_MAC =
            RULE.optional("sourceMac", NetworkTypes.mac(), RuleConfig::sourceMac, "Source MAC address.");
    private static final Key<RuleConfig, Optional<MacAddress>> DESTINATION_MAC = RULE.optional(
            "destinationMac", NetworkTypes.anyMac(), RuleConfig::destinationMac, "Destination MAC address.");
    private static final Key<RuleConfig, List<Range>> SOURCE_PORTS = RULE.defaulted(
            "sourcePorts",
            Lists.listOf(PolicyTypes.ports()),
            List.of(),
            RuleConfig::sourcePorts,
            "Source ports of `tcp` or `udp`.");
    private static final Key<RuleConfig, List<Range>> DESTINATION_PORTS = RULE.defaulted(
            "destinationPorts",
            Lists.listOf(PolicyTypes.ports()),
            List.of(),
            RuleConfig::destinationPorts,
            "Destination ports of `tcp` or `udp`.");
    private static final Key<RuleConfig, Optional<Range>> ICMP_TYPE =
            RULE.optional("icmpType", PolicyTypes.octets(), RuleConfig::icmpType, "Types of `icmp` or `icmpv6`.");
    private static final Key<RuleConfig, Optional<Range>> ICMP_CODE =
            RULE.optional("icmpCode", PolicyTypes.octets(), RuleConfig::icmpCode, "Codes of `icmp` or `icmpv6`.");
    private static final Key<RuleConfig, Optional<TcpFlags>> TCP_FLAGS = RULE.optional(
            "tcpFlags",
            PolicyTypes.tcpFlags(),
            RuleConfig::tcpFlags,
            "Flags of `tcp` that must be set, or clear where `!` stands before them.");
    private static final Key<RuleConfig, Long> PACKETS_PER_SECOND = RULE.defaulted(
            "packetsPerSecond",
            PolicyTypes.rate(),
            TokenBucket.UNLIMITED,
            RuleConfig::packetsPerSecond,
            "Rate of action `limit` in packets; 0 is none.");
    private static final Key<RuleConfig, Long> BITS_PER_SECOND = RULE.defaulted(
            "bitsPerSecond",
            PolicyTypes.rate(),
            TokenBucket.UNLIMITED,
            RuleConfig::bitsPerSecond,
            "Rate of action `limit` in bits of inner Ethernet frames; 0 is none.");
    private static final Key<RuleConfig, Duration> BURST = RULE.defaulted(
            "burst", burst(), TokenBucket.DEFAULT_BURST, RuleConfig::burst, "Of action `limit`: " + BURST_MEANING);
    private static final Key<RuleConfig, Integer> LOG_EVERY = RULE.defaulted(
            "logEvery",
            Scalars.integer(0, 1_000_000_000),
            0,
            RuleConfig::logEvery,
            "With n, logs the first packet that meets the rule and then about one of n; 0 logs none.");

    /** The keys of a list of rules. */
    public static final Table<RuleListConfig> RULES = new Table<>("policy.in, policy.out", PolicyKeys::createList);

    private static final Key<RuleListConfig, RuleListConfig.Default> DEFAULT = RULES.defaulted(
            "default",
            Scalars.choice(RuleListConfig.Default.class),
            RuleListConfig.OPEN.byDefault(),
            RuleListConfig::byDefault,
            "The fate of frames, ARP included, that meet no rule.");
    private static final Key<RuleListConfig, List<RuleConfig>> RULE_LIST = RULES.defaulted(
            "rules",
            Lists.listOf(RULE),
            RuleListConfig.OPEN.rules(),
            RuleListConfig::rules,
            "The rules in order: the first that a frame meets decides.");

    private static final Key<RuleListConfig, Long> LIST_PACKETS = RULES.defaulted(
            "packetsPerSecond",
            PolicyTypes.rate(),
            RuleListConfig.OPEN.packetsPerSecond(),
            RuleListConfig::packetsPerSecond,
            "Limit in packets for all that the rules let pass; 0 is none.");
    private static final Key<RuleListConfig, Long> LIST_BITS = RULES.defaulted(
            "bitsPerSecond",
            PolicyTypes.rate(),
            RuleListConfig.OPEN.bitsPerSecond(),
            RuleListConfig::bitsPerSecond,
            "Limit in bits of inner Ethernet frames for all that the rules let pass; 0 is none.");

    private static final Key<RuleListConfig, Duration> LIST_BURST = RULES.defaulted(
            "burst", burst(), RuleListConfig.OPEN.burst(), RuleListConfig::burst, "Of these limits: " + BURST_MEANING);

    /** The keys of storm control. */
    public static final Table<StormConfig> STORM = new Table<>("policy.storm", PolicyKeys::createStorm);

    private static final Key<StormConfig, Long> BROADCAST = STORM.defaulted(
            "broadcast",
            PolicyTypes.rate(),
            StormConfig.NONE.broadcast(),
            StormConfig::broadcast,
            "Broadcast frames per second; 0 is no limit.");
    private static final Key<StormConfig, Long> UNKNOWN_UNICAST = STORM.defaulted(
            "unknownUnicast",
            PolicyTypes.rate(),
            StormConfig.NONE.unknownUnicast(),
            StormConfig::unknownUnicast,
            "Frames per second to unicast addresses that the FDB does not know; 0 is no limit.");
    private static final Key<StormConfig, Long> MULTICAST = STORM.defaulted(
            "multicast",
            PolicyTypes.rate(),
            StormConfig.NONE.multicast(),
            StormConfig::multicast,
            "Multicast frames per second; 0 is no limit.");

    /** The keys of anti-spoofing. */
    public static final Table<AntiSpoofingConfig> ANTI_SPOOFING =
            new Table<>("policy.antiSpoofing", PolicyKeys::createAntiSpoofing);

    private static final Key<AntiSpoofingConfig, Optional<List<MacAddress>>> MACS = ANTI_SPOOFING.defaulted(
            "macs",
            Lists.listOrAuto(NetworkTypes.mac()),
            Optional.empty(),
            AntiSpoofingConfig::macs,
            "The workload's MAC addresses; `auto` is the port's own, an empty list is any.");
    private static final Key<AntiSpoofingConfig, Optional<List<Prefix>>> ADDRESSES = ANTI_SPOOFING.defaulted(
            "addresses",
            Lists.listOrAuto(NetworkTypes.network()),
            Optional.empty(),
            AntiSpoofingConfig::addresses,
            "The workload's networks and addresses; `auto` is the port's own, an empty list is any.");
    private static final Key<AntiSpoofingConfig, Boolean> ANY_LINK_LOCAL = ANTI_SPOOFING.defaulted(
            "anyLinkLocal",
            Scalars.flag(),
            false,
            AntiSpoofingConfig::anyLinkLocal,
            "Whether it may use any link-local IPv6 address, as hosts do that form theirs by RFC 7217; otherwise the one made"
                    + " of its MAC address and those of `addresses`.");
    private static final Key<AntiSpoofingConfig, Boolean> ROUTER = ANTI_SPOOFING.defaulted(
            "router",
            Scalars.flag(),
            false,
            AntiSpoofingConfig::router,
            "Whether it may send router advertisements and redirects.");
    private static final Key<AntiSpoofingConfig, Boolean> DHCP_SERVER = ANTI_SPOOFING.defaulted(
            "dhcpServer",
            Scalars.flag(),
            false,
            AntiSpoofingConfig::dhcpServer,
            "Whether it may answer DHCP and DHCPv6 requests.");

    /** The keys of a policy. */
    public static final Table<PolicyConfig> POLICY = new Table<>("policy", PolicyKeys::createPolicy);

    private static final Key<PolicyConfig, RuleListConfig> IN = POLICY.section(
            "in",
            RULES,
            PolicyConfig::in,
            "For frames that enter the bridge: of a port, those that its workload sends.");
    private static final Key<PolicyConfig, RuleListConfig> OUT = POLICY.section(
            "out",
            RULES,
            PolicyConfig::out,
            "For frames that leave the bridge: of a port, those that its workload would get.");

    private static final Key<PolicyConfig, Boolean> REPLIES = POLICY.defaulted(
            "replies",
            Scalars.flag(),
            PolicyConfig.NONE.replies(),
            PolicyConfig::replies,
            "Whether packets of a flow that rules have let pass, in either direction, need no rule themselves.");
    private static final Key<PolicyConfig, StormConfig> STORM_CONTROL =
            POLICY.section("storm", STORM, PolicyConfig::storm, "Limits on frames that are flooded.");
    private static final Key<PolicyConfig, Optional<AntiSpoofingConfig>> GUARD = POLICY.optional(
            "antiSpoofing",
            ANTI_SPOOFING,
            PolicyConfig::antiSpoofing,
            "Of a port: its workload may claim only its own addresses, also in ARP, ND and DHCP. `{}` takes them from the"
                    + " port; without the key it may claim any.");

    private PolicyKeys() {}

    private static ValueType<Duration> burst() {
        return Quantities.duration(Duration.ofMillis(1), Duration.ofSeconds(60));
    }

    /** Whether a key of a rule is about frames, not about what becomes of them. */
    public static boolean isMatch(Key<RuleConfig, ?> key) {
        return !Set.of(NAME, ACTION, PACKETS_PER_SECOND, BITS_PER_SECOND, BURST, LOG_EVERY)
                .contains(key);
    }

    private static AddressSetConfig createSet(Values values) {
        return new AddressSetConfig(values.get(SET_NAME), values.get(SET_ADDRESSES));
    }

    private static RuleConfig createRule(Values values) {
        return new RuleConfig(
                values.get(NAME),
                values.get(ACTION),
                values.get(PROTOCOL),
                values.get(SOURCE),
                values.get(DESTINATION),
                values.get(SOURCE_MAC),
                values.get(DESTINATION_MAC),
                values.get(SOURCE_PORTS),
                values.get(DESTINATION_PORTS),
                values.get(ICMP_TYPE),
                values.get(ICMP_CODE),
                values.get(TCP_FLAGS),
                values.get(PACKETS_PER_SECOND),
                values.get(BITS_PER_SECOND),
                values.get(BURST),
                values.get(LOG_EVERY));
    }

    private static RuleListConfig createList(Values values) {
        return new RuleListConfig(
                values.get(DEFAULT),
                values.get(RULE_LIST),
                values.get(LIST_PACKETS),
                values.get(LIST_BITS),
                values.get(LIST_BURST));
    }

    private static StormConfig createStorm(Values values) {
        return new StormConfig(values.get(BROADCAST), values.get(UNKNOWN_UNICAST), values.get(MULTICAST));
    }

    private static AntiSpoofingConfig createAntiSpoofing(Values values) {
        return new AntiSpoofingConfig(
                values.get(MACS),
                values.get(ADDRESSES),
                values.get(ANY_LINK_LOCAL),
                values.get(ROUTER),
                values.get(DHCP_SERVER));
    }

    private static PolicyConfig createPolicy(Values values) {
        return new PolicyConfig(
                values.get(IN), values.get(OUT), values.get(REPLIES), values.get(STORM_CONTROL), values.get(GUARD));
    }
}
