package dev.peregrine.gateway.config.rules;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.EnumWord;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.match.Match;
import dev.peregrine.gateway.config.keys.PolicyTypes;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.policy.AntiSpoofingConfig;
import dev.peregrine.gateway.config.model.policy.PolicyConfig;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.model.policy.RuleListConfig;
import dev.peregrine.gateway.config.schema.Once;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.value.AddressTerm;
import java.net.Inet6Address;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The conditions between the keys of a policy. */
public final class PolicyRules {
    private static final int ND_SOLICITATION = 135;
    private static final int ND_ADVERTISEMENT = 136;

    private final Reading reading;
    private final Set<String> sets;

    /** @param sets the names of the address sets that there are */
    public PolicyRules(Reading reading, Set<String> sets) {
        this.reading = reading;
        this.sets = sets;
    }

    /**
     * Checks one policy, and tells what is wrong with it.
     *
     * @param port whose it is; null for a VNI
     */
    public void check(PolicyConfig policy, @Nullable PortConfig port) {
        check(policy.in());
        check(policy.out());
        checkResolution(policy, "in", policy.in());
        checkResolution(policy, "out", policy.out());
        if (policy.antiSpoofing().isPresent() && port == null) {
            reading.error(policy, "antiSpoofing", "it at a VNI", "it at ports alone");
        } else if (port != null) {
            policy.antiSpoofing().ifPresent(guard -> checkGuard(policy, guard, port));
        }
    }

    /** Addresses taken from a port that has none restrict nothing. */
    private void checkGuard(PolicyConfig policy, AntiSpoofingConfig guard, PortConfig port) {
        boolean noMac = guard.macs().isEmpty() && port.ownMac().isEmpty();
        boolean noAddress = guard.addresses().isEmpty() && port.ownAddresses().isEmpty();
        if (noMac && noAddress) {
            String found = "a port that has neither a MAC address nor addresses of its own";
            reading.error(
                    policy, "antiSpoofing", found, "macs, addresses or both; as it is, it would restrict nothing");
        } else if (noMac) {
            reading.warning(policy, "antiSpoofing", "the port has no MAC address: give macs, or any passes");
        } else if (noAddress) {
            reading.warning(
                    policy, "antiSpoofing", "the port has no addresses: give addresses, or any passes, in ARP too");
        }
    }

    private void check(RuleListConfig list) {
        Once<String> names = new Once<>(reading, "a name used once in its list");
        for (RuleConfig rule : list.rules()) {
            names.add(rule, "name", rule.name(), rule.name());
            check(rule);
        }
    }

    /** Without ARP or neighbour discovery nobody finds the hosts that the rules let talk. */
    private void checkResolution(PolicyConfig policy, String key, RuleListConfig list) {
        boolean passes = list.byDefault() == RuleListConfig.Default.ALLOW
                || list.rules().stream().anyMatch(PolicyRules::passesResolution);
        if (!passes && !reading.broken(policy, key)) {
            reading.warning(
                    policy,
                    key,
                    "the default is deny, and no rule lets ARP or neighbour discovery pass: {name: arp, action: allow,"
                            + " protocol: arp}, or {name: nd, action: allow, protocol: icmpv6, icmpType: 133-137}");
        }
    }

    /** Whether some message of ARP or neighbour discovery may meet the rule and pass. */
    private static boolean passesResolution(RuleConfig rule) {
        if (rule.action() == Action.DENY) return false;
        if (rule.protocol() == IpProtocol.ICMPV6) {
            return rule.icmpType()
                    .map(types -> types.first() <= ND_ADVERTISEMENT && types.last() >= ND_SOLICITATION)
                    .orElse(true);
        }
        // With addresses a rule is one for IP alone.
        boolean any = rule.protocol() == Match.ANY && mayBeIpv6(rule.source()) && mayBeIpv6(rule.destination());
        return rule.protocol() == Match.ARP || any;
    }

    private static boolean mayBeIpv6(List<AddressTerm> terms) {
        return terms.isEmpty()
                || terms.stream()
                        .anyMatch(term -> term.network()
                                .map(network -> network.address() instanceof Inet6Address)
                                .orElse(true));
    }

    /** Reports every condition that a rule violates. */
    public void check(RuleConfig rule) {
        int protocol = rule.protocol();
        boolean ports = protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
        boolean icmp = protocol == IpProtocol.ICMP || protocol == IpProtocol.ICMPV6;
        checkProtocol(rule, "sourcePorts", !rule.sourcePorts().isEmpty() && !ports, "tcp or udp");
        checkProtocol(rule, "destinationPorts", !rule.destinationPorts().isEmpty() && !ports, "tcp or udp");
        checkProtocol(rule, "icmpType", rule.icmpType().isPresent() && !icmp, "icmp or icmpv6");
        checkProtocol(rule, "icmpCode", rule.icmpCode().isPresent() && !icmp, "icmp or icmpv6");
        checkProtocol(rule, "tcpFlags", rule.tcpFlags().isPresent() && protocol != IpProtocol.TCP, "tcp");
        boolean ip = protocol < Match.ARP;
        checkProtocol(rule, "source", !rule.source().isEmpty() && !ip, "any or one above IP");
        checkProtocol(rule, "destination", !rule.destination().isEmpty() && !ip, "any or one above IP");
        checkSets(rule, "source", rule.source());
        checkSets(rule, "destination", rule.destination());
        checkRate(rule);
    }

    private void checkProtocol(RuleConfig rule, String key, boolean wrong, String expected) {
        if (wrong && !reading.broken(rule, "protocol")) {
            String found = "protocol " + PolicyTypes.protocolText(rule.protocol());
            reading.error(rule, key, found, "no such key, or the protocol " + expected);
        }
    }

    private void checkSets(RuleConfig rule, String key, List<AddressTerm> terms) {
        for (AddressTerm term : terms) {
            String name = term.set().orElse("");
            if (term.set().isPresent() && !sets.contains(name)) {
                String known = sets.isEmpty()
                        ? "; there is none"
                        : ": " + String.join(", ", sets.stream().sorted().toList());
                reading.error(rule, key, "set:" + name, "the name of an address set" + known);
            }
        }
    }

    private void checkRate(RuleConfig rule) {
        boolean rate = rule.packetsPerSecond() > 0 || rule.bitsPerSecond() > 0;
        if (rule.action() == Action.LIMIT && !rate && !reading.broken(rule, "action")) {
            reading.error(rule, "action", "limit without a rate", "packetsPerSecond, bitsPerSecond or both");
        }
        if (rule.action() != Action.LIMIT && rate) {
            String key = rule.packetsPerSecond() > 0 ? "packetsPerSecond" : "bitsPerSecond";
            reading.error(rule, key, "a rate with action " + EnumWord.of(rule.action()), "action limit, or no rate");
        }
    }
}
