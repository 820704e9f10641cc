package dev.peregrine.gateway.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A gateway's tables with fixed contents; remembers what it was told. */
public final class FakeCommands implements ControlCommands {
    public final List<String> told = new ArrayList<>();

    @Override
    public StatusReport status() {
        told.add("status on " + Thread.currentThread().getName());
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
                        new StatusReport.OffloadRow("gso", false, "EIO on send")),
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
                List.of("the NAPI threads of eth0 cannot be seen from this pid namespace"));
    }

    @Override
    public List<VniRow> vnis() {
        return List.of(
                new VniRow(42, 1450, true, 300, 2, 8192, 2, "198.18.0.1 198.18.0.3", 1, 2, 3, 4, 5, 6),
                new VniRow(16777215, 9000, false, 0, 0, 8192, 0, "", 0, 0, 0, 0, 0, 0));
    }

    @Override
    public List<PortRow> ports() {
        return List.of(
                new PortRow(
                        "web",
                        42,
                        "tap",
                        "eth0",
                        "02:00:00:00:00:02",
                        10,
                        20,
                        1000,
                        2000,
                        "up",
                        null,
                        1450,
                        "cB",
                        "198.19.0.2/24",
                        "up",
                        1450,
                        null,
                        "EIO (input/output error)",
                        2,
                        0),
                new PortRow(
                        "app",
                        42,
                        "socket",
                        null,
                        "02:00:00:00:00:09",
                        0,
                        0,
                        0,
                        0,
                        "waiting",
                        "no such namespace",
                        1450,
                        null,
                        "",
                        null,
                        null,
                        null,
                        null,
                        0,
                        0));
    }

    @Override
    public List<VtepRow> vteps() {
        return List.of(new VtepRow(
                "198.18.0.1", "42", true, 1, 10, 11, 1000, 1100, null, "EPERM (operation not permitted)", 3L));
    }

    @Override
    public List<FdbRow> fdb(FdbFilter filter) throws CommandRefused {
        if (filter.vni().orElse(42) == 7) return List.of();
        if (filter.vni().orElse(42) != 42) {
            throw new CommandRefused("VNI " + filter.vni().getAsInt() + " is not configured");
        }
        return List.of(
                new FdbRow("02:00:00:00:00:01", 42, null, "198.18.0.1", "static", 0, false),
                new FdbRow("02:00:00:00:00:02", 42, "web", null, "dynamic", 12, true));
    }

    @Override
    public void fdbAdd(FdbAddition addition) throws CommandRefused {
        if (addition.port().equals(Optional.of("nowhere"))) throw new CommandRefused("there is no port nowhere");
        told.add(addition.toString());
    }

    @Override
    public void fdbDelete(FdbKey key) {
        if (key.vni() == 13) throw new IllegalStateException("a bug");
        if (key.vni() == 14) throw new StackOverflowError("too deep");
        if (key.vni() == 15) throw new ChangeUnconfirmed("the change is made, but worker 0 is stuck", null);
        told.add(key.toString());
    }

    @Override
    public int fdbFlush(FdbFlush flush) {
        told.add(flush.toString());
        return 5;
    }

    @Override
    public List<FlowRow> flows(int most) {
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

    @Override
    public FlowStats flowStats() {
        return new FlowStats(1, 65536, 1000, 2, 1, 0, 0, 3, true, 0, 0, 0);
    }

    @Override
    public long flowFlush() {
        told.add("flow flush");
        return 1;
    }

    @Override
    public void flowSwitch(boolean on) {
        told.add("flow " + (on ? "on" : "off"));
    }

    @Override
    public List<StateRow> states(StateFilter filter, int most) {
        told.add("state list " + filter.protocol().orElse("all"));
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

    @Override
    public StateStats stateStats() {
        return new StateStats(1, 131_072, 9, 5, 2, 1, 0);
    }

    @Override
    public int stateFlush(StateFilter filter) {
        told.add("state flush " + filter.source().map(Object::toString).orElse("all") + " " + filter.port());
        return 4;
    }

    @Override
    public List<DropRow> drops() {
        return List.of(
                new DropRow("VNI_NOT_FOUND", 12345, "The VNI is not configured."),
                new DropRow("LINK_FULL", 0, "The queue to another worker was full."));
    }

    @Override
    public List<PolicyRow> policies(Optional<PolicyScope> only) {
        return List.of(
                new PolicyRow(42, null, "in", 1, "arp", "allow", "protocol arp", 7, 420),
                new PolicyRow(42, "web", "in", 0, "(default)", "deny", "", 0, 0));
    }

    @Override
    public String policyShow(PolicyScope scope) {
        told.add("show " + scope);
        return "in: {default: deny}\n";
    }

    @Override
    public int policyReplace(PolicyScope scope, String yaml, String source, boolean endFlows) throws CommandRefused {
        if (yaml.contains("nonsense")) throw CommandRefused.unreadable(source + ":1: nonsense");
        told.add("replace " + scope + " by " + yaml);
        return endFlows ? 3 : 0;
    }

    @Override
    public int policyAdd(PolicyScope scope, boolean in, String rule, Optional<String> before, boolean endFlows) {
        told.add("add " + scope + " " + (in ? "in " : "out ") + rule
                + before.map(" before "::concat).orElse(""));
        return endFlows ? 2 : 0;
    }

    @Override
    public int policyDelete(PolicyScope scope, boolean in, String name, boolean endFlows) {
        told.add("del " + scope + " " + (in ? "in " : "out ") + name);
        return 0;
    }

    @Override
    public List<PolicyTestRow> policyTest(PolicyScope scope, boolean in, String packet) {
        if (scope.vni().isPresent()) return List.of(new PolicyTestRow("verdict", 0, "", "", "", "pass", null));
        return List.of(new PolicyTestRow("port web in", 2, "ssh", "deny", "", "drop", "POLICY_DENIED"));
    }

    @Override
    public List<WorkerRow> workers() {
        return List.of(
                new WorkerRow("worker-0", 0, 12.25, 123456789, 0, 1, 2, 3, 4, 481, 5),
                new WorkerRow("worker-1", null, 0, 0, 0, 0, 0, 0, 0, 481, 0));
    }

    @Override
    public List<StageRow> stages() {
        return List.of(
                new StageRow("vtep", "decap", "worker-0", 1000, 44000, 3, 123.45, 63.96, 0, 0, 0, 0),
                new StageRow("bridge", "bridge", "worker-0", 997, 43990, 0, 20, 64, 128, 5, 6, 7));
    }

    @Override
    public ScheduleReport schedule() {
        return new ScheduleReport("auto", "run-to-completion", "no worker is busy", 0, 80, 10, "bridge 5, vtep 3");
    }

    @Override
    public ScheduleReport scheduleSet(String mode, Optional<String> balance, Optional<Boolean> split)
            throws CommandRefused {
        if (mode.equals("fast")) throw new CommandRefused("found fast");
        told.add("schedule " + mode + " " + balance.orElse("-") + " " + split.orElse(null));
        return schedule();
    }

    @Override
    public List<SteeringRow> scheduleMap(Optional<Integer> flowHash) {
        return List.of(new SteeringRow(
                Integer.toHexString(flowHash.orElse(7)), "bridge", 5, "worker-0", "worker-1", "worker-1"));
    }
}
