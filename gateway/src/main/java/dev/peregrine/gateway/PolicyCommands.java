package dev.peregrine.gateway;

import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.gateway.PolicyControl.Scope;
import dev.peregrine.gateway.config.BadConfig;
import dev.peregrine.gateway.config.PolicyText;
import dev.peregrine.gateway.config.RuleConfig;
import dev.peregrine.gateway.config.RuleListConfig;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.PolicyRow;
import dev.peregrine.gateway.control.PolicyScope;
import dev.peregrine.gateway.control.PolicyTestRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The {@code policy} commands of the control socket. */
final class PolicyCommands {
    static final String DEFAULT = "(default)";
    static final String REPLIES = "(replies)";

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

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    String show(PolicyScope scope) throws CommandRefused {
        return PolicyText.yaml(policies.config(policies.scope(scope)));
    }

    int replace(PolicyScope scope, String policy, String source, boolean endFlows) throws CommandRefused {
        Scope its = policies.scope(scope);
        try {
            policies.replace(its, PolicyText.policy(source, policy, policies.setNames(), its.config()));
            return endFlows ? policies.endDenied(its) : 0;
        } catch (BadConfig e) {
            throw CommandRefused.unreadable(String.valueOf(e.getMessage()));
        }
    }

    int add(PolicyScope scope, boolean in, String rule, Optional<String> before, boolean endFlows)
            throws CommandRefused {
        Scope its = policies.scope(scope);
        try {
            policies.add(its, in, PolicyText.rule("rule", rule, policies.setNames()), before);
            return endFlows ? policies.endDenied(its) : 0;
        } catch (BadConfig e) {
            throw CommandRefused.unreadable(String.valueOf(e.getMessage()));
        }
    }

    int delete(PolicyScope scope, boolean in, String name, boolean endFlows) throws CommandRefused {
        Scope its = policies.scope(scope);
        policies.delete(its, in, name);
        return endFlows ? policies.endDenied(its) : 0;
    }

    List<PolicyTestRow> test(PolicyScope named, boolean in, String packet) throws CommandRefused {
        Scope scope = policies.scope(named);
        try {
            return new PolicyWalk(policies, PolicyText.packet("packet", packet), in).through(scope);
        } catch (BadConfig e) {
            throw CommandRefused.unreadable(String.valueOf(e.getMessage()));
        }
    }
}
