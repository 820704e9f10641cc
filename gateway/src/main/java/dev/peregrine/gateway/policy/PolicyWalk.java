package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.policy.Action;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.dataplane.policy.ScopePolicy;
import dev.peregrine.dataplane.policy.antispoof.SourceGuard;
import dev.peregrine.dataplane.policy.conntrack.TrackedFlow;
import dev.peregrine.dataplane.policy.match.FrameFields;
import dev.peregrine.dataplane.policy.match.Matcher;
import dev.peregrine.gateway.config.PolicyText;
import dev.peregrine.gateway.config.model.policy.PacketConfig;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.model.policy.RuleListConfig;
import dev.peregrine.gateway.config.model.policy.StormConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.config.value.TcpFlags;
import dev.peregrine.gateway.control.report.policy.PolicyTestRow;
import dev.peregrine.gateway.policy.PolicyControl.Scope;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The steps that a packet would meet that is only described, in the order in which a frame does, with a row for each
 * step; after a drop nothing comes but the verdict. Nothing pays a limit for it, and no flow begins.
 */
final class PolicyWalk {
    private static final String PASS = "pass";
    private static final String LIMIT = "limit";
    private static final String DROP = "drop";

    private final PolicyControl policies;
    private final PacketConfig packet;
    private final boolean in;
    private final FrameFields fields;
    private final List<PolicyTestRow> rows = new ArrayList<>();

    PolicyWalk(PolicyControl policies, PacketConfig packet, boolean in) {
        this.policies = policies;
        this.packet = packet;
        this.in = in;
        fields = fields(packet);
    }

    /** The rows about a frame that comes from, or goes to, a port and its VNI, or the tunnel and its VNI. */
    List<PolicyTestRow> through(Scope scope) {
        List<Scope> order = new ArrayList<>(List.of(scope));
        if (scope.port() != null) {
            order.add(in ? 1 : 0, policies.around(scope));
        }
        if (in) {
            guard(scope);
            order.forEach(this::storm);
        }
        for (Scope each : order) {
            if (!isDropped()) {
                rules(each);
            }
        }
        order.forEach(this::limit);
        String verdict = isDropped() ? DROP : isMet(LIMIT) ? LIMIT : PASS;
        String reason = rows.isEmpty() ? null : rows.getLast().reason();
        rows.add(new PolicyTestRow("verdict", 0, "", "", "", verdict, reason));
        return rows;
    }

    private boolean isDropped() {
        return isMet(DROP);
    }

    private boolean isMet(String verdict) {
        return rows.stream().anyMatch(row -> row.verdict().equals(verdict));
    }

    private String direction() {
        return in ? " in" : " out";
    }

    private void guard(Scope scope) {
        ScopePolicy policy = policies.applied(scope);
        SourceGuard guard = policy == null ? null : policy.guard();
        if (guard != null && scope.config() != null) {
            long own = scope.config().ownMac().map(MacAddress::value).orElse(0L);
            DropReason violation = new DescribedFrame(packet, own).violation(guard);
            rows.add(step(scope + " antiSpoofing", "", violation == null ? PASS : DROP, violation));
        }
    }

    private void storm(Scope scope) {
        StormConfig storm = policies.config(scope).storm();
        long destination = packet.destinationMac().map(MacAddress::value).orElse(0L);
        boolean broadcast = destination == EthernetHeader.BROADCAST;
        long rate = broadcast ? storm.broadcast() : storm.multicast();
        if (!isDropped() && EthernetHeader.isGroup(destination) && rate > 0) {
            rows.add(step(scope + " storm", broadcast ? "broadcast" : "multicast", LIMIT, null));
        }
    }

    private void limit(Scope scope) {
        RuleListConfig list = policies.config(scope, in);
        if (!isDropped() && list.isLimited()) {
            rows.add(step(scope + direction(), "(limit)", LIMIT, null));
        }
    }

    private static PolicyTestRow step(String list, String rule, String verdict, @Nullable DropReason reason) {
        return new PolicyTestRow(list, 0, rule, "", "", verdict, reason == null ? null : reason.name());
    }

    private void rules(Scope scope) {
        RuleList list = policies.list(scope, in);
        Optional<TrackedFlow> flow = policies.flow(scope, in, this::isOf);
        if (flow.isPresent()) {
            String name = PolicyCommands.REPLIES;
            rows.add(new PolicyTestRow(
                    scope + direction(), 0, name, "allow", flow.get().state(), PASS, null));
        }
        if (list == null) {
            return;
        }
        int at = list.find(fields);
        boolean limits = at != Matcher.NONE && list.entry(at).limit() != null;
        if (flow.isEmpty() || limits) {
            rows.add(rule(scope, list, at));
        }
    }

    private PolicyTestRow rule(Scope scope, RuleList list, int at) {
        RuleListConfig config = policies.config(scope, in);
        if (at == Matcher.NONE) {
            boolean allows = list.allowsByDefault();
            return new PolicyTestRow(
                    scope + direction(),
                    0,
                    PolicyCommands.DEFAULT,
                    PolicyCommands.word(config.byDefault()),
                    "",
                    allows ? PASS : DROP,
                    allows ? null : DropReason.POLICY_DEFAULT.name());
        }
        RuleConfig rule = config.rules().get(at);
        boolean denies = rule.action() == Action.DENY;
        return new PolicyTestRow(
                scope + direction(),
                at + 1,
                rule.name(),
                PolicyCommands.word(rule.action()),
                PolicyText.match(rule),
                denies ? DROP : rule.action() == Action.LIMIT ? LIMIT : PASS,
                denies ? DropReason.POLICY_DENIED.name() : null);
    }

    /** Whether the packet belongs to a flow, in either direction. */
    private boolean isOf(TrackedFlow flow) {
        if (packet.fragment()
                || flow.protocol() != packet.protocol()
                || flow.state().equals("fragments")) {
            return false;
        }
        InetAddress source = packet.source().orElseThrow();
        InetAddress destination = packet.destination().orElseThrow();
        boolean ports = flow.protocol() == IpProtocol.TCP || flow.protocol() == IpProtocol.UDP;
        int from = ports ? packet.sourcePort() : flow.sourcePort();
        int to = ports ? packet.destinationPort() : flow.destinationPort();
        boolean there = flow.source().equals(source)
                && flow.destination().equals(destination)
                && flow.sourcePort() == from
                && flow.destinationPort() == to;
        boolean back = flow.source().equals(destination)
                && flow.destination().equals(source)
                && (!ports || (flow.sourcePort() == to && flow.destinationPort() == from));
        return there || back;
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
