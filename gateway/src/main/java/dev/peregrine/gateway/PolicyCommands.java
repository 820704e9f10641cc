package dev.peregrine.gateway;

import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.FrameFields;
import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.Matcher;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.gateway.PolicyControl.Scope;
import dev.peregrine.gateway.config.BadConfig;
import dev.peregrine.gateway.config.MacAddress;
import dev.peregrine.gateway.config.PacketConfig;
import dev.peregrine.gateway.config.PolicyText;
import dev.peregrine.gateway.config.RuleConfig;
import dev.peregrine.gateway.config.RuleListConfig;
import dev.peregrine.gateway.config.TcpFlags;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.PolicyRow;
import dev.peregrine.gateway.control.PolicyScope;
import dev.peregrine.gateway.control.PolicyTestRow;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The {@code policy} commands of the control socket. */
final class PolicyCommands {
    private static final String DEFAULT = "(default)";
    private static final String REPLIES = "(replies)";

    private final PolicyControl policies;

    PolicyCommands(PolicyControl policies) {
        this.policies = policies;
    }

    List<PolicyRow> list(Optional<PolicyScope> only) throws CommandRefused {
        List<PolicyRow> rows = new ArrayList<>();
        if (only.isPresent()) {
            addRows(policies.scope(only.get()), rows);
        } else {
            policies.scopes().forEach(scope -> addRows(scope, rows));
        }
        return rows;
    }

    private void addRows(Scope scope, List<PolicyRow> rows) {
        addRows(scope, true, rows);
        addRows(scope, false, rows);
        Hits replies = policies.replies(scope);
        if (replies != null) {
            rows.add(row(scope, "both", REPLIES, "allow", replies));
        }
    }

    private static PolicyRow row(Scope scope, String direction, String name, String action, Hits hits) {
        return new PolicyRow(scope.vni(), scope.port(), direction, 0, name, action, "", hits.packets(), hits.bytes());
    }

    private void addRows(Scope scope, boolean in, List<PolicyRow> rows) {
        RuleList list = policies.list(scope, in);
        if (list == null) {
            return;
        }
        RuleListConfig config = policies.config(scope, in);
        for (int i = 0; i < list.size(); i++) {
            RuleConfig rule = config.rules().get(i);
            rows.add(new PolicyRow(
                    scope.vni(),
                    scope.port(),
                    in ? "in" : "out",
                    i + 1,
                    rule.name(),
                    word(rule.action()),
                    PolicyText.match(rule),
                    list.entry(i).hits().packets(),
                    list.entry(i).hits().bytes()));
        }
        rows.add(row(scope, in ? "in" : "out", DEFAULT, word(config.byDefault()), list.defaultHits()));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    String show(PolicyScope scope) throws CommandRefused {
        return PolicyText.yaml(policies.config(policies.scope(scope)));
    }

    void replace(PolicyScope scope, String policy, String source) throws CommandRefused {
        Scope its = policies.scope(scope);
        try {
            policies.replace(its, PolicyText.policy(source, policy, policies.setNames(), its.port() != null));
        } catch (BadConfig e) {
            throw new CommandRefused(String.valueOf(e.getMessage()));
        }
    }

    void add(PolicyScope scope, boolean in, String rule, Optional<String> before) throws CommandRefused {
        Scope its = policies.scope(scope);
        try {
            policies.add(its, in, PolicyText.rule("rule", rule, policies.setNames()), before);
        } catch (BadConfig e) {
            throw new CommandRefused(String.valueOf(e.getMessage()));
        }
    }

    void delete(PolicyScope scope, boolean in, String name) throws CommandRefused {
        policies.delete(policies.scope(scope), in, name);
    }

    List<PolicyTestRow> test(PolicyScope named, boolean in, String packet) throws CommandRefused {
        Scope scope = policies.scope(named);
        FrameFields fields;
        try {
            fields = fields(PolicyText.packet("packet", packet));
        } catch (BadConfig e) {
            throw new CommandRefused(String.valueOf(e.getMessage()));
        }
        List<Scope> order = new ArrayList<>(List.of(scope));
        if (scope.port() != null) {
            order.add(in ? 1 : 0, policies.around(scope));
        }
        List<PolicyTestRow> rows = new ArrayList<>();
        for (Scope each : order) {
            PolicyTestRow row = row(each, in, fields);
            if (row != null) {
                rows.add(row);
                if (row.verdict().equals("drop")) {
                    break;
                }
            }
        }
        return rows;
    }

    private @Nullable PolicyTestRow row(Scope scope, boolean in, FrameFields fields) {
        RuleList list = policies.list(scope, in);
        if (list == null) {
            return null;
        }
        RuleListConfig config = policies.config(scope, in);
        String name = scope + (in ? " in" : " out");
        int at = list.find(fields);
        if (at == Matcher.NONE) {
            boolean allows = list.allowsByDefault();
            return new PolicyTestRow(
                    name,
                    0,
                    DEFAULT,
                    word(config.byDefault()),
                    "",
                    allows ? "pass" : "drop",
                    allows ? null : DropReason.POLICY_DEFAULT.name());
        }
        RuleConfig rule = config.rules().get(at);
        boolean denies = rule.action() == RuleConfig.Action.DENY;
        return new PolicyTestRow(
                name,
                at + 1,
                rule.name(),
                word(rule.action()),
                PolicyText.match(rule),
                denies ? "drop" : rule.action() == RuleConfig.Action.LIMIT ? "limit" : "pass",
                denies ? DropReason.POLICY_DENIED.name() : null);
    }

    private static FrameFields fields(PacketConfig packet) {
        FrameFields fields = new FrameFields()
                .describe(
                        packet.protocol(),
                        packet.source().map(InetAddress::getAddress).orElse(new byte[0]),
                        packet.destination().map(InetAddress::getAddress).orElse(new byte[0]),
                        packet.sourceMac().map(MacAddress::value).orElse(0L),
                        packet.destinationMac().map(MacAddress::value).orElse(0L));
        if (packet.fragment()) {
            return fields;
        }
        return switch (packet.protocol()) {
            case IpProtocol.TCP, IpProtocol.UDP ->
                fields.describePorts(
                        packet.sourcePort(),
                        packet.destinationPort(),
                        packet.tcpFlags().map(TcpFlags::value).orElse(0));
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> fields.describeIcmp(packet.icmpType(), packet.icmpCode());
            default -> fields;
        };
    }
}
