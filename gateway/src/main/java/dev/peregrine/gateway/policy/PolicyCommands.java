package dev.peregrine.gateway.policy;

import dev.peregrine.dataplane.policy.Hits;
import dev.peregrine.dataplane.policy.RuleList;
import dev.peregrine.gateway.config.PolicyText;
import dev.peregrine.gateway.config.model.policy.RuleConfig;
import dev.peregrine.gateway.config.model.policy.RuleListConfig;
import dev.peregrine.gateway.config.schema.BadConfig;
import dev.peregrine.gateway.control.Command;
import dev.peregrine.gateway.control.CommandRefused;
import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.report.policy.PolicyChanged;
import dev.peregrine.gateway.control.report.policy.PolicyRow;
import dev.peregrine.gateway.control.report.policy.PolicyTestRow;
import dev.peregrine.gateway.control.report.policy.PolicyYaml;
import dev.peregrine.gateway.control.request.policy.PolicyFilter;
import dev.peregrine.gateway.control.request.policy.PolicyQuestion;
import dev.peregrine.gateway.control.request.policy.PolicyReplacement;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import dev.peregrine.gateway.control.request.policy.RuleAddition;
import dev.peregrine.gateway.control.request.policy.RuleRemoval;
import dev.peregrine.gateway.policy.PolicyControl.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** The {@code policy} commands of the control socket. */
public final class PolicyCommands implements Noun {
    static final String DEFAULT = "(default)";
    static final String REPLIES = "(replies)";

    private final PolicyControl policies;

    /** The noun {@code policy}. */
    public PolicyCommands(PolicyControl policies) {
        this.policies = policies;
    }

    @Override
    public List<Command<?>> commands() {
        return List.of(
                Command.of("policy list", PolicyFilter.class, this::list),
                Command.of("policy show", PolicyScope.class, this::show),
                Command.of("policy replace", PolicyReplacement.class, this::replace),
                Command.of("policy add", RuleAddition.class, this::add),
                Command.of("policy del", RuleRemoval.class, this::delete),
                Command.of("policy test", PolicyQuestion.class, this::test));
    }

    private List<PolicyRow> list(PolicyFilter filter) throws CommandRefused {
        if (filter.vni() != null && filter.port() != null) {
            throw CommandRefused.unreadable("expected vni or port, one of the two");
        }
        List<PolicyRow> rows = new ArrayList<>();
        if (filter.vni() == null && filter.port() == null) {
            policies.scopes().forEach(scope -> addRows(scope, rows));
        } else {
            addRows(policies.scope(new PolicyScope(filter.vni(), filter.port())), rows);
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

    private PolicyYaml show(PolicyScope scope) throws CommandRefused {
        return new PolicyYaml(PolicyText.yaml(policies.config(policies.scope(scope))));
    }

    private PolicyChanged replace(PolicyReplacement change) throws CommandRefused {
        Scope scope = policies.scope(change.scope());
        String source = Objects.requireNonNullElse(change.source(), "policy");
        try {
            policies.replace(scope, PolicyText.policy(source, change.policy(), policies.setNames(), scope.config()));
            return changed(scope, change.endFlows());
        } catch (BadConfig e) {
            throw CommandRefused.unreadable(String.valueOf(e.getMessage()));
        }
    }

    private PolicyChanged add(RuleAddition change) throws CommandRefused {
        Scope scope = policies.scope(change.scope());
        try {
            RuleConfig rule = PolicyText.rule("rule", change.rule(), policies.setNames());
            policies.add(scope, change.direction() == Direction.IN, rule, Optional.ofNullable(change.before()));
            return changed(scope, change.endFlows());
        } catch (BadConfig e) {
            throw CommandRefused.unreadable(String.valueOf(e.getMessage()));
        }
    }

    private PolicyChanged delete(RuleRemoval change) throws CommandRefused {
        Scope scope = policies.scope(change.scope());
        policies.delete(scope, change.direction() == Direction.IN, change.name());
        return changed(scope, change.endFlows());
    }

    private PolicyChanged changed(Scope scope, boolean endFlows) {
        return new PolicyChanged(endFlows ? policies.endDenied(scope) : 0);
    }

    /** The rows that a packet would meet, in the order in which a frame does; the last one is the verdict. */
    public List<PolicyTestRow> test(PolicyQuestion question) throws CommandRefused {
        Scope scope = policies.scope(question.scope());
        try {
            return new PolicyWalk(
                            policies,
                            PolicyText.packet("packet", question.packet()),
                            question.direction() == Direction.IN)
                    .through(scope);
        } catch (BadConfig e) {
            throw CommandRefused.unreadable(String.valueOf(e.getMessage()));
        }
    }
}
