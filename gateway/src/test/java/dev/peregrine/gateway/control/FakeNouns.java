package dev.peregrine.gateway.control;

import dev.peregrine.gateway.control.Command.Nothing;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.report.SteeringRow;
import dev.peregrine.gateway.control.report.policy.PolicyChanged;
import dev.peregrine.gateway.control.report.policy.PolicyRow;
import dev.peregrine.gateway.control.report.policy.PolicyTestRow;
import dev.peregrine.gateway.control.report.policy.PolicyYaml;
import dev.peregrine.gateway.control.request.FdbAddition;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.control.request.FdbFlush;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.control.request.FlowFilter;
import dev.peregrine.gateway.control.request.NeighbourAddition;
import dev.peregrine.gateway.control.request.NeighbourFilter;
import dev.peregrine.gateway.control.request.NeighbourKey;
import dev.peregrine.gateway.control.request.ScheduleChange;
import dev.peregrine.gateway.control.request.SteeringFilter;
import dev.peregrine.gateway.control.request.change.ConfigText;
import dev.peregrine.gateway.control.request.change.DrainOptions;
import dev.peregrine.gateway.control.request.change.PortAddition;
import dev.peregrine.gateway.control.request.change.PortKey;
import dev.peregrine.gateway.control.request.change.ReloadOptions;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import dev.peregrine.gateway.control.request.change.VniAddition;
import dev.peregrine.gateway.control.request.change.VniKey;
import dev.peregrine.gateway.control.request.policy.PolicyFilter;
import dev.peregrine.gateway.control.request.policy.PolicyQuestion;
import dev.peregrine.gateway.control.request.policy.PolicyReplacement;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import dev.peregrine.gateway.control.request.policy.RuleAddition;
import dev.peregrine.gateway.control.request.policy.RuleRemoval;
import dev.peregrine.gateway.control.request.policy.StateFilter;
import java.util.ArrayList;
import java.util.List;

/** The commands of a gateway whose tables have fixed contents; they remember what they were told. */
public final class FakeNouns {
    public final List<String> told = new ArrayList<>();

    /** A new list, which tells the same {@link #told}. */
    public List<Noun> list() {
        return List.of(this::commands);
    }

    private List<Command<?>> commands() {
        return List.of(
                Command.of(
                        "status",
                        _ -> tell("status on " + Thread.currentThread().getName(), FakeAnswers.status())),
                Command.of("vni list", _ -> FakeAnswers.vnis()),
                Command.of("port list", _ -> FakeAnswers.ports()),
                Command.of("vtep list", _ -> FakeAnswers.vteps()),
                Command.of("drop list", _ -> FakeAnswers.drops()),
                Command.of("worker list", _ -> FakeAnswers.workers()),
                Command.of("stage list", _ -> FakeAnswers.stages()),
                Command.of("fdb list", FdbFilter.class, FakeNouns::fdb),
                Command.change("fdb add", FdbAddition.class, addition -> add("add", addition)),
                Command.change("fdb replace", FdbAddition.class, addition -> add("replace", addition)),
                Command.change("fdb del", FdbKey.class, this::delete),
                Command.of("fdb flush", FdbFlush.class, flush -> tell(flush.toString(), new Removed(5))),
                Command.of(
                        "neighbour list",
                        NeighbourFilter.class,
                        filter -> tell(filter.toString(), FakeAnswers.neighbours())),
                Command.change("neighbour add", NeighbourAddition.class, entry -> told.add("add " + entry)),
                Command.change("neighbour replace", NeighbourAddition.class, entry -> told.add("replace " + entry)),
                Command.change("neighbour del", NeighbourKey.class, key -> told.add("del " + key)),
                Command.of("policy list", PolicyFilter.class, FakeNouns::policies),
                Command.of(
                        "policy show",
                        PolicyScope.class,
                        scope -> tell("show " + scope, new PolicyYaml("in: {default: deny}\n"))),
                Command.of("policy replace", PolicyReplacement.class, this::replace),
                Command.of("policy add", RuleAddition.class, this::add),
                Command.of("policy del", RuleRemoval.class, this::delete),
                Command.of("policy test", PolicyQuestion.class, FakeNouns::test),
                Command.of("flow list", FlowFilter.class, _ -> FakeAnswers.flows()),
                Command.of("flow stats", _ -> FakeAnswers.flowStats()),
                Command.of("flow flush", _ -> tell("flow flush", new Removed(1))),
                Command.change("flow on", Nothing.class, _ -> told.add("flow on")),
                Command.change("flow off", Nothing.class, _ -> told.add("flow off")),
                Command.of("state list", StateFilter.class, filter -> tell(filter.toString(), FakeAnswers.states())),
                Command.of("state stats", _ -> FakeAnswers.stateStats()),
                Command.of("state flush", StateFilter.class, filter -> tell(filter.toString(), new Removed(4))),
                Command.of("schedule show", _ -> FakeAnswers.schedule()),
                Command.of(
                        "schedule set",
                        ScheduleChange.class,
                        change -> tell(change.toString(), FakeAnswers.schedule())),
                Command.of("schedule map", SteeringFilter.class, FakeNouns::map),
                Command.of("reload", ReloadOptions.class, options -> tell(options.toString(), FakeAnswers.outcome())),
                Command.of(
                        "config diff", ConfigText.class, text -> tell("diff " + text.source(), FakeAnswers.outcome())),
                Command.of("port add", PortAddition.class, port -> tell(port.toString(), FakeAnswers.outcome())),
                Command.of("port del", PortKey.class, port -> tell(port.toString(), FakeAnswers.outcome())),
                Command.of("vni add", VniAddition.class, vni -> tell(vni.toString(), FakeAnswers.outcome())),
                Command.of("vni del", VniKey.class, vni -> tell(vni.toString(), FakeAnswers.outcome())),
                Command.of("flood add", RemoteKey.class, key -> tell("flood add " + key, FakeAnswers.outcome())),
                Command.of("flood del", RemoteKey.class, key -> tell("flood del " + key, FakeAnswers.outcome())),
                Command.of("vtep add", RemoteKey.class, key -> tell("vtep add " + key, FakeAnswers.outcome())),
                Command.of("vtep del", RemoteKey.class, key -> tell("vtep del " + key, FakeAnswers.outcome())),
                Command.change("drain", DrainOptions.class, options -> told.add(options.toString())));
    }

    private <T> T tell(String text, T answer) {
        told.add(text);
        return answer;
    }

    private static List<FdbRow> fdb(FdbFilter filter) throws CommandRefused {
        int vni = filter.vni() == null ? 42 : filter.vni().number();
        if (vni == 7) return List.of();
        if (vni != 42) throw new CommandRefused("VNI " + vni + " is not configured");
        return List.of(
                new FdbRow("02:00:00:00:00:01", 42, null, "198.18.0.1", "static", 0, false, "etcd", "reg", 3L),
                new FdbRow("02:00:00:00:00:02", 42, "web", null, "dynamic", 12, true, "command", null, null));
    }

    private void add(String verb, FdbAddition addition) throws CommandRefused {
        if ("nowhere".equals(addition.port())) throw new CommandRefused("there is no port nowhere");
        told.add(verb + " " + addition);
    }

    private void delete(FdbKey key) {
        switch (key.vni().number()) {
            case 13 -> throw new IllegalStateException("a bug");
            case 14 -> throw new StackOverflowError("too deep");
            case 15 -> throw new ChangeUnconfirmed("the change is made", "worker 0 is stuck", null);
            default -> told.add(key.toString());
        }
    }

    private static List<PolicyRow> policies(PolicyFilter filter) throws CommandRefused {
        if (filter.vni() != null && filter.port() != null) {
            throw CommandRefused.unreadable("expected vni or port, one of the two");
        }
        return List.of(
                new PolicyRow(42, null, "in", 1, "arp", "allow", "protocol arp", 7, 420),
                new PolicyRow(42, "web", "in", 0, "(default)", "deny", "", 0, 0));
    }

    private PolicyChanged replace(PolicyReplacement change) throws CommandRefused {
        if (change.policy().contains("nonsense")) throw CommandRefused.unreadable(change.source() + ":1: nonsense");
        told.add("replace " + change.scope() + " by " + change.policy());
        return new PolicyChanged(change.endFlows() ? 3 : 0);
    }

    private PolicyChanged add(RuleAddition change) {
        String before = change.before() == null ? "" : " before " + change.before();
        told.add("add " + change.scope() + " " + change.direction() + " " + change.rule() + before);
        return new PolicyChanged(change.endFlows() ? 2 : 0);
    }

    private PolicyChanged delete(RuleRemoval change) {
        told.add("del " + change.scope() + " " + change.direction() + " " + change.name());
        return new PolicyChanged(0);
    }

    private static List<PolicyTestRow> test(PolicyQuestion question) {
        return List.of(
                question.vni() == null
                        ? new PolicyTestRow("port web in", 2, "ssh", "deny", "", "drop", "POLICY_DENIED")
                        : new PolicyTestRow("verdict", 0, "", "", "", "pass", null));
    }

    private static List<SteeringRow> map(SteeringFilter filter) throws CommandRefused {
        if ("xyz".equals(filter.flow())) throw CommandRefused.unreadable("flow: expected a flow hash");
        return List.of(new SteeringRow(String.valueOf(filter.flow()), "bridge", 5, "worker-0", "worker-1", "worker-1"));
    }
}
