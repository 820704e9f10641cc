package dev.peregrine.gateway.control;

import dev.peregrine.gateway.config.change.Line;
import dev.peregrine.gateway.config.change.Outcome;
import dev.peregrine.gateway.control.Command.Nothing;
import dev.peregrine.gateway.control.report.DropRow;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.FlowRow;
import dev.peregrine.gateway.control.report.FlowStats;
import dev.peregrine.gateway.control.report.NeighbourRow;
import dev.peregrine.gateway.control.report.PolicyChanged;
import dev.peregrine.gateway.control.report.PolicyRow;
import dev.peregrine.gateway.control.report.PolicyTestRow;
import dev.peregrine.gateway.control.report.PolicyYaml;
import dev.peregrine.gateway.control.report.PortRow;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.report.ScheduleReport;
import dev.peregrine.gateway.control.report.StageRow;
import dev.peregrine.gateway.control.report.StateRow;
import dev.peregrine.gateway.control.report.StateStats;
import dev.peregrine.gateway.control.report.StatusReport;
import dev.peregrine.gateway.control.report.SteeringRow;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.control.report.WorkerRow;
import dev.peregrine.gateway.control.request.FdbAddition;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.control.request.FdbFlush;
import dev.peregrine.gateway.control.request.FdbKey;
import dev.peregrine.gateway.control.request.FlowFilter;
import dev.peregrine.gateway.control.request.NeighbourAddition;
import dev.peregrine.gateway.control.request.NeighbourFilter;
import dev.peregrine.gateway.control.request.NeighbourKey;
import dev.peregrine.gateway.control.request.PolicyFilter;
import dev.peregrine.gateway.control.request.PolicyQuestion;
import dev.peregrine.gateway.control.request.PolicyReplacement;
import dev.peregrine.gateway.control.request.PolicyScope;
import dev.peregrine.gateway.control.request.RuleAddition;
import dev.peregrine.gateway.control.request.RuleRemoval;
import dev.peregrine.gateway.control.request.ScheduleChange;
import dev.peregrine.gateway.control.request.StateFilter;
import dev.peregrine.gateway.control.request.SteeringFilter;
import dev.peregrine.gateway.control.request.change.ConfigText;
import dev.peregrine.gateway.control.request.change.DrainOptions;
import dev.peregrine.gateway.control.request.change.PortAddition;
import dev.peregrine.gateway.control.request.change.PortKey;
import dev.peregrine.gateway.control.request.change.ReloadOptions;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import dev.peregrine.gateway.control.request.change.VniAddition;
import dev.peregrine.gateway.control.request.change.VniKey;
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
                        _ -> tell("status on " + Thread.currentThread().getName(), status())),
                Command.of("vni list", _ -> vnis()),
                Command.of("port list", _ -> ports()),
                Command.of("vtep list", _ -> vteps()),
                Command.of("drop list", _ -> drops()),
                Command.of("worker list", _ -> workers()),
                Command.of("stage list", _ -> stages()),
                Command.of("fdb list", FdbFilter.class, FakeNouns::fdb),
                Command.change("fdb add", FdbAddition.class, addition -> add("add", addition)),
                Command.change("fdb replace", FdbAddition.class, addition -> add("replace", addition)),
                Command.change("fdb del", FdbKey.class, this::delete),
                Command.of("fdb flush", FdbFlush.class, flush -> tell(flush.toString(), new Removed(5))),
                Command.of("neighbour list", NeighbourFilter.class, filter -> tell(filter.toString(), neighbours())),
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
                Command.of("flow list", FlowFilter.class, _ -> flows()),
                Command.of("flow stats", _ -> flowStats()),
                Command.of("flow flush", _ -> tell("flow flush", new Removed(1))),
                Command.change("flow on", Nothing.class, _ -> told.add("flow on")),
                Command.change("flow off", Nothing.class, _ -> told.add("flow off")),
                Command.of("state list", StateFilter.class, filter -> tell(filter.toString(), states())),
                Command.of("state stats", _ -> stateStats()),
                Command.of("state flush", StateFilter.class, filter -> tell(filter.toString(), new Removed(4))),
                Command.of("schedule show", _ -> schedule()),
                Command.of("schedule set", ScheduleChange.class, change -> tell(change.toString(), schedule())),
                Command.of("schedule map", SteeringFilter.class, FakeNouns::map),
                Command.of("reload", ReloadOptions.class, options -> tell(options.toString(), outcome())),
                Command.of("config diff", ConfigText.class, text -> tell("diff " + text.source(), outcome())),
                Command.of("port add", PortAddition.class, port -> tell(port.toString(), outcome())),
                Command.of("port del", PortKey.class, port -> tell(port.toString(), outcome())),
                Command.of("vni add", VniAddition.class, vni -> tell(vni.toString(), outcome())),
                Command.of("vni del", VniKey.class, vni -> tell(vni.toString(), outcome())),
                Command.of("flood add", RemoteKey.class, key -> tell("flood add " + key, outcome())),
                Command.of("flood del", RemoteKey.class, key -> tell("flood del " + key, outcome())),
                Command.of("vtep add", RemoteKey.class, key -> tell("vtep add " + key, outcome())),
                Command.of("vtep del", RemoteKey.class, key -> tell("vtep del " + key, outcome())),
                Command.change("drain", DrainOptions.class, options -> told.add(options.toString())));
    }

    private static Outcome outcome() {
        return new Outcome(
                true,
                List.of(
                        new Line("vni 42 port db", null, "tap eth0"),
                        new Line("vni 42 ageing", "300s", "60s"),
                        new Line("vni 43", "", null)),
                List.of(new Line("underlay.port", "4789", "4790")),
                List.of("a warning"));
    }

    private <T> T tell(String text, T answer) {
        told.add(text);
        return answer;
    }

    private static StatusReport status() {
        return new StatusReport(
                "1.2.3",
                "native",
                "run-to-completion",
                "no worker is busy",
                2,
                1000,
                900,
                7,
                "ready",
                93784,
                "198.18.0.2",
                4789,
                3,
                List.of(
                        new StatusReport.OffloadRow("gro", true, ""),
                        new StatusReport.OffloadRow("gso", false, "EIO on send"),
                        new StatusReport.OffloadRow("port web tso4", true, "checked"),
                        new StatusReport.OffloadRow("port db tso4", false, "EIO on write"),
                        new StatusReport.OffloadRow("port app tso4", true, "checked")),
                2,
                "ENOMEM (cannot allocate memory)",
                0,
                5,
                0,
                0,
                0,
                0,
                List.of(
                        new StatusReport.KernelCounterRow("UdpInCsumErrors", 3, "UDP datagrams with a wrong checksum"),
                        new StatusReport.KernelCounterRow("UdpNoPorts", 0, "UDP datagrams to no socket")),
                5 << 20,
                6 << 20,
                5,
                "up",
                null,
                List.of(
                        new StatusReport.WorkerCpuRow("worker-0", 3, true, List.of()),
                        new StatusReport.WorkerCpuRow(
                                "worker-1", 2, false, List.of("IRQ 38 (virtio2-input.0)", "b", "c", "d", "e"))),
                List.of(
                        new StatusReport.ReceiverRow("IRQ 38 (virtio2-input.0)", "2"),
                        new StatusReport.ReceiverRow("RPS of eth0 rx-0", "0-1,4")),
                List.of("the NAPI threads of eth0 cannot be seen from this pid namespace"),
                4711,
                "/etc/peregrine/peregrine.yaml",
                "net:[4026531840]");
    }

    private static List<VniRow> vnis() {
        return List.of(
                new VniRow(42, 1450, 2, 2, 8192, 2, 1, 7, 8, 4, 6, 9, 10, 11, true, 300, 5, 3, "198.18.0.1 198.18.0.3"),
                new VniRow(16777215, 9000, 0, 0, 8192, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0, 0, 0, ""));
    }

    private static List<PortRow> ports() {
        return List.of(
                new PortRow(
                        "web",
                        42,
                        "tap",
                        "up",
                        "up",
                        "eth0",
                        "02:00:00:00:00:02",
                        10,
                        20,
                        1000,
                        2000,
                        "cB",
                        1450,
                        1450,
                        2,
                        0,
                        "EIO (input/output error)",
                        null,
                        null,
                        "198.19.0.2/24"),
                new PortRow(
                        "app",
                        42,
                        "socket",
                        "waiting",
                        null,
                        null,
                        "02:00:00:00:00:09",
                        0,
                        0,
                        0,
                        0,
                        null,
                        1450,
                        null,
                        0,
                        0,
                        null,
                        null,
                        "no such namespace",
                        ""));
    }

    private static List<VtepRow> vteps() {
        return List.of(new VtepRow(
                "198.18.0.1",
                "file",
                2L,
                true,
                1,
                10,
                11,
                1000,
                1100,
                null,
                3L,
                "EPERM (operation not permitted)",
                "42 43"));
    }

    private static List<DropRow> drops() {
        return List.of(
                new DropRow(
                        "LINK_FULL", 0, 0, null, null, null, null, null, null, "The queue to another worker was full."),
                new DropRow(
                        "UNDERLAY_REFUSED",
                        7,
                        0,
                        70L,
                        null,
                        "fd00::1",
                        null,
                        null,
                        "EPERM (operation not permitted)",
                        "The kernel refused the datagram."),
                new DropRow(
                        "VXLAN_VNI_NOT_FOUND",
                        12345,
                        50,
                        0L,
                        43,
                        "198.18.0.1",
                        null,
                        "02:00:00:00:00:01",
                        null,
                        "The VNI is not configured here."));
    }

    private static List<WorkerRow> workers() {
        return List.of(
                new WorkerRow("worker-0", 0, 12.25, 123456789, 0, 1, 2, 3, 4, 481, 5),
                new WorkerRow("worker-1", null, 0, 0, 0, 0, 0, 0, 0, 481, 0));
    }

    private static List<StageRow> stages() {
        return List.of(
                new StageRow("vtep", "decap", "worker-0", 1000, 44000, 3, 123.45, 63.96, 0, 0, 0, 0),
                new StageRow("bridge", "bridge", "worker-0", 997, 43990, 0, 20, 64, 128, 5, 6, 7));
    }

    private static List<FdbRow> fdb(FdbFilter filter) throws CommandRefused {
        int vni = filter.vni() == null ? 42 : filter.vni().number();
        if (vni == 7) return List.of();
        if (vni != 42) throw new CommandRefused("VNI " + vni + " is not configured");
        return List.of(
                new FdbRow("02:00:00:00:00:01", 42, null, "198.18.0.1", "static", 0, false),
                new FdbRow("02:00:00:00:00:02", 42, "web", null, "dynamic", 12, true));
    }

    private static List<NeighbourRow> neighbours() {
        return List.of(
                new NeighbourRow("198.19.0.7", 42, "02:00:00:00:00:07", null, "198.18.0.1", "static", 0),
                new NeighbourRow("fd00::7", 42, "02:00:00:00:00:08", "web", null, "stale", 31));
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

    private static List<FlowRow> flows() {
        return List.of(new FlowRow(
                42,
                "udp",
                "198.19.0.1",
                40000,
                "198.19.0.2",
                5201,
                "02:00:00:00:00:01",
                "02:00:00:00:00:02",
                "vtep 198.18.0.1",
                "port web",
                1000,
                1400000,
                12,
                0,
                "current",
                "worker-0"));
    }

    private static FlowStats flowStats() {
        return new FlowStats(1, 65536, 1000, 2, 1, 0, 0, 3, true, 0, 0, 0);
    }

    private static List<StateRow> states() {
        return List.of(new StateRow(
                42,
                "web",
                "out",
                "tcp",
                "198.19.0.1",
                40_000,
                "198.19.0.2",
                80,
                "02:00:00:00:00:01",
                "02:00:00:00:00:02",
                "established",
                true,
                3,
                86_397));
    }

    private static StateStats stateStats() {
        return new StateStats(1, 131_072, 9, 5, 2, 1, 0);
    }

    private static ScheduleReport schedule() {
        return new ScheduleReport(
                "auto", "run-to-completion", "no worker is busy", 0, 6, 120, 340, 80, 10, "bridge 5, vtep 3");
    }

    private static List<SteeringRow> map(SteeringFilter filter) throws CommandRefused {
        if ("xyz".equals(filter.flow())) throw CommandRefused.unreadable("flow: expected a flow hash");
        return List.of(new SteeringRow(String.valueOf(filter.flow()), "bridge", 5, "worker-0", "worker-1", "worker-1"));
    }
}
