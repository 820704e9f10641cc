package dev.peregrine.gateway.control;

import dev.peregrine.gateway.config.change.Line;
import dev.peregrine.gateway.config.change.Outcome;
import dev.peregrine.gateway.control.report.DropRow;
import dev.peregrine.gateway.control.report.FlowRow;
import dev.peregrine.gateway.control.report.FlowStats;
import dev.peregrine.gateway.control.report.KernelTierReport;
import dev.peregrine.gateway.control.report.NeighbourRow;
import dev.peregrine.gateway.control.report.PlaneRow;
import dev.peregrine.gateway.control.report.PortRow;
import dev.peregrine.gateway.control.report.ScheduleReport;
import dev.peregrine.gateway.control.report.StageRow;
import dev.peregrine.gateway.control.report.StatusReport;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.control.report.WorkerRow;
import dev.peregrine.gateway.control.report.policy.StateRow;
import dev.peregrine.gateway.control.report.policy.StateStats;
import java.util.List;
import java.util.Map;

/** Fixed contents of a gateway's tables, as its commands tell them. */
final class FakeAnswers {
    private FakeAnswers() {}

    static Outcome outcome() {
        return new Outcome(
                true,
                List.of(
                        new Line("vni 42 port db", null, "tap eth0"),
                        new Line("vni 42 ageing", "300s", "60s"),
                        new Line("vni 43", "", null)),
                List.of(new Line("underlay.port", "4789", "4790")),
                List.of("a warning"));
    }

    static StatusReport status() {
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
                "net:[4026531840]",
                new KernelTierReport(true, true, null, "", 3, 1234, Map.of("unsettled", 5L), "pgvx4789", null),
                List.of(
                        new PlaneRow("reg", "etcd", "live", 3661, null, 12, 0, 0, 0, 3, null),
                        new PlaneRow("bgp", "evpn", "away", 5, 595L, 4, 1, 0, 2, 0, "bgpd is not there")));
    }

    static List<VniRow> vnis() {
        return List.of(
                new VniRow(
                        42,
                        1450,
                        2,
                        2,
                        8192,
                        2,
                        1,
                        7,
                        8,
                        4,
                        6,
                        9,
                        10,
                        11,
                        true,
                        300,
                        5,
                        3,
                        "198.18.0.1 198.18.0.3",
                        "ports"),
                new VniRow(16777215, 9000, 0, 0, 8192, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0, 0, 0, "", "none"));
    }

    static List<PortRow> ports() {
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

    static List<VtepRow> vteps() {
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
                "42 43",
                "file",
                null,
                null));
    }

    static List<DropRow> drops() {
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

    static List<WorkerRow> workers() {
        return List.of(
                new WorkerRow("worker-0", 0, 12.25, 123456789, 0, 1, 2, 3, 4, 481, 5),
                new WorkerRow("worker-1", null, 0, 0, 0, 0, 0, 0, 0, 481, 0));
    }

    static List<StageRow> stages() {
        return List.of(
                new StageRow("vtep", "decap", "worker-0", 1000, 44000, 3, 123.45, 63.96, 0, 0, 0, 0),
                new StageRow("bridge", "bridge", "worker-0", 997, 43990, 0, 20, 64, 128, 5, 6, 7));
    }

    static List<NeighbourRow> neighbours() {
        return List.of(
                new NeighbourRow("198.19.0.7", 42, "02:00:00:00:00:07", null, "198.18.0.1", "static", 0, "etcd", "reg"),
                new NeighbourRow("fd00::7", 42, "02:00:00:00:00:08", "web", null, "stale", 31, "learned", null));
    }

    static List<FlowRow> flows() {
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
                0,
                12,
                0,
                "current",
                "worker-0",
                "gateway",
                "fastpath.kernel is off"));
    }

    static FlowStats flowStats() {
        return new FlowStats(
                1, 65536, 1000, 2, 1, 0, 0, 3, true, 0, 0, 0, 0, 0, Map.of("unsettled", 5L), "fastpath.kernel is off");
    }

    static List<StateRow> states() {
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

    static StateStats stateStats() {
        return new StateStats(1, 131_072, 9, 5, 2, 1, 0);
    }

    static ScheduleReport schedule() {
        return new ScheduleReport(
                "auto", "run-to-completion", "no worker is busy", 0, 6, 120, 340, 80, 10, "bridge 5, vtep 3");
    }
}
