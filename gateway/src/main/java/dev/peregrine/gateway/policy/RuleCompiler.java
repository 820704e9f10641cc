package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.Rule;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.StormControl;
import dev.peregrine.dataplane.policy.TokenBucket;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.match.AddressSet;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.model.policy.AntiSpoofingConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.model.policy.RuleListConfig;
import dev.peregrine.gateway.config.model.policy.StormConfig;
import dev.peregrine.gateway.config.value.AddressTerm;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns rules as the configuration has them into those that workers apply. */
final class RuleCompiler {
    private final Map<String, AddressSet> sets = new LinkedHashMap<>();
    private final int workers;

    RuleCompiler(List<AddressSetConfig> addressSets, int workers) {
        this.workers = workers;
        for (AddressSetConfig set : addressSets) {
            sets.put(set.name(), new AddressSet(networks(set.addresses())));
        }
    }

    /** The same with these address sets, and with those others that there were. */
    RuleCompiler with(List<AddressSetConfig> addressSets) {
        RuleCompiler more = new RuleCompiler(addressSets, workers);
        sets.forEach(more.sets::putIfAbsent);
        return more;
    }

    /** The names of the address sets. */
    Set<String> setNames() {
        return sets.keySet();
    }

    /** A policy from the beginning; null when it lets everything pass. */
    @Nullable
    ScopePolicy scope(PolicyConfig config, @Nullable PortConfig port) {
        return scope(config, port, PolicyConfig.NONE, null);
    }

    /**
     * A policy in the place of another, of which what is the same stays; null when it lets everything pass.
     *
     * @param port whose policy it is; null for that of a VNI
     */
    @Nullable
    ScopePolicy scope(
            PolicyConfig config, @Nullable PortConfig port, PolicyConfig oldConfig, @Nullable ScopePolicy old) {
        RuleList in = list(config.in(), old == null ? null : old.in());
        RuleList out = list(config.out(), old == null ? null : old.out());
        boolean tracks = config.replies() && (in != null || out != null);
        Hits replies = old == null ? null : old.replies();
        ScopePolicy policy = new ScopePolicy(
                in,
                out,
                config.antiSpoofing().map(own -> guard(own, port)).orElse(null),
                old != null && config.storm().equals(oldConfig.storm()) ? old.storm() : storm(config.storm()),
                old != null && sameLimit(config.in(), oldConfig.in()) ? old.inLimit() : limit(config.in()),
                old != null && sameLimit(config.out(), oldConfig.out()) ? old.outLimit() : limit(config.out()),
                tracks && replies == null ? new Hits(workers) : tracks ? replies : null);
        return policy.with(true, in);
    }

    private static SourceGuard guard(AntiSpoofingConfig config, @Nullable PortConfig port) {
        SourceGuard.Builder guard = SourceGuard.builder();
        config.macs()
                .orElseGet(
                        () -> port == null ? List.of() : port.ownMac().stream().toList())
                .forEach(mac -> guard.mac(mac.value()));
        List<Prefix> addresses =
                config.addresses().orElseGet(() -> port == null ? List.of() : alone(port.ownAddresses()));
        for (Network network : networks(addresses)) {
            if (network.family() == 4) {
                guard.ipv4((int) (network.high() >>> 32), network.length());
            } else {
                guard.ipv6(network.high(), network.low(), network.length());
            }
        }
        if (config.anyLinkLocal()) {
            guard.anyLinkLocal();
        }
        if (config.router()) {
            guard.router();
        }
        if (config.dhcpServer()) {
            guard.dhcpServer();
        }
        return guard.build();
    }

    private static List<Prefix> alone(List<InetAddress> addresses) {
        return addresses.stream().map(Prefix::of).toList();
    }

    private static @Nullable StormControl storm(StormConfig config) {
        TokenBucket broadcast = bucket(config.broadcast(), 0, TokenBucket.DEFAULT_BURST);
        TokenBucket unknown = bucket(config.unknownUnicast(), 0, TokenBucket.DEFAULT_BURST);
        TokenBucket multicast = bucket(config.multicast(), 0, TokenBucket.DEFAULT_BURST);
        return broadcast == null && unknown == null && multicast == null
                ? null
                : new StormControl(broadcast, unknown, multicast);
    }

    private static boolean sameLimit(RuleListConfig one, RuleListConfig other) {
        return one.packetsPerSecond() == other.packetsPerSecond()
                && one.bitsPerSecond() == other.bitsPerSecond()
                && one.burst().equals(other.burst());
    }

    private static @Nullable TokenBucket limit(RuleListConfig config) {
        return bucket(config.packetsPerSecond(), config.bitsPerSecond(), config.burst());
    }

    private static @Nullable TokenBucket bucket(long packetsPerSecond, long bitsPerSecond, Duration burst) {
        return packetsPerSecond == 0 && bitsPerSecond == 0
                ? null
                : TokenBucket.of(packetsPerSecond, bitsPerSecond, burst, System.nanoTime());
    }

    /** A list, or null for one that lets everything pass; {@code before} is what it replaces. */
    @Nullable
    RuleList list(RuleListConfig config, @Nullable RuleList before) {
        if (config.isOpen()) {
            return null;
        }
        List<Rule> rules = config.rules().stream().map(this::rule).toList();
        boolean allows = config.byDefault() == RuleListConfig.Default.ALLOW;
        return RuleList.of(rules, allows, workers, before, System.nanoTime());
    }

    Rule rule(RuleConfig config) {
        Match match = new Match(
                config.protocol(),
                addresses(config.source()),
                addresses(config.destination()),
                config.sourceMac().map(MacAddress::value).orElse((long) Match.ANY),
                config.destinationMac().map(MacAddress::value).orElse((long) Match.ANY),
                config.sourcePorts(),
                config.destinationPorts(),
                config.icmpType().orElse(null),
                config.icmpCode().orElse(null),
                config.tcpFlags().map(TcpFlags::mask).orElse(0),
                config.tcpFlags().map(TcpFlags::value).orElse(0));
        return new Rule(
                config.name(),
                config.action(),
                match,
                config.packetsPerSecond(),
                config.bitsPerSecond(),
                config.burst(),
                config.logEvery());
    }

    private @Nullable AddressSet addresses(List<AddressTerm> terms) {
        if (terms.isEmpty()) {
            return null;
        }
        if (terms.size() == 1 && terms.getFirst().set().isPresent()) {
            return set(terms.getFirst());
        }
        List<Network> networks = new ArrayList<>();
        for (AddressTerm term : terms) {
            networks.addAll(
                    term.network().isPresent()
                            ? networks(List.of(term.network().get()))
                            : set(term).networks());
        }
        return new AddressSet(networks);
    }

    private AddressSet set(AddressTerm term) {
        return Objects.requireNonNull(sets.get(term.set().orElseThrow()), "checked when the rule was read");
    }

    private static List<Network> networks(List<Prefix> prefixes) {
        return prefixes.stream()
                .map(prefix -> Network.of(prefix.address().getAddress(), prefix.length()))
                .toList();
    }
}
