package dev.peregrine.gateway;

import static dev.peregrine.gateway.LoopbackGateway.OF_FILE;
import static dev.peregrine.gateway.LoopbackGateway.OF_PORT;
import static dev.peregrine.gateway.LoopbackGateway.REMOTE;
import static dev.peregrine.gateway.LoopbackGateway.VNI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.gateway.control.Direction;
import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.DropRow;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.FlowStats;
import dev.peregrine.gateway.control.report.PortRow;
import dev.peregrine.gateway.control.report.Removed;
import dev.peregrine.gateway.control.report.ScheduleReport;
import dev.peregrine.gateway.control.report.StageRow;
import dev.peregrine.gateway.control.report.StatusReport;
import dev.peregrine.gateway.control.report.SteeringRow;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.control.report.WorkerRow;
import dev.peregrine.gateway.control.report.policy.PolicyChanged;
import dev.peregrine.gateway.control.report.policy.PolicyRow;
import dev.peregrine.gateway.control.report.policy.PolicyTestRow;
import dev.peregrine.gateway.control.report.policy.PolicyYaml;
import dev.peregrine.gateway.control.report.policy.StateRow;
import dev.peregrine.gateway.control.report.policy.StateStats;
import dev.peregrine.gateway.control.request.FdbAddition;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.control.request.FdbFlush;
import dev.peregrine.gateway.control.request.FlowFilter;
import dev.peregrine.gateway.control.request.NeighbourAddition;
import dev.peregrine.gateway.control.request.NeighbourFilter;
import dev.peregrine.gateway.control.request.ScheduleChange;
import dev.peregrine.gateway.control.request.SteeringFilter;
import dev.peregrine.gateway.control.request.policy.PolicyFilter;
import dev.peregrine.gateway.control.request.policy.PolicyQuestion;
import dev.peregrine.gateway.control.request.policy.PolicyReplacement;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import dev.peregrine.gateway.control.request.policy.RuleAddition;
import dev.peregrine.gateway.control.request.policy.RuleRemoval;
import dev.peregrine.gateway.control.request.policy.StateFilter;
import dev.peregrine.gateway.noun.DropCommands;
import dev.peregrine.gateway.noun.FdbCommands;
import dev.peregrine.gateway.noun.FlowCommands;
import dev.peregrine.gateway.noun.NeighbourCommands;
import dev.peregrine.gateway.noun.PortCommands;
import dev.peregrine.gateway.noun.ScheduleCommands;
import dev.peregrine.gateway.noun.StageCommands;
import dev.peregrine.gateway.noun.StateCommands;
import dev.peregrine.gateway.noun.StatusCommands;
import dev.peregrine.gateway.noun.VniCommands;
import dev.peregrine.gateway.noun.VtepCommands;
import dev.peregrine.gateway.noun.WorkerCommands;
import dev.peregrine.gateway.policy.PolicyCommands;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The answers of each noun of a gateway that takes no privileges: one worker, VNI 42, a socket port. */
@Timeout(60)
class NounsTest {
    private static final StateFilter ALL_STATES = new StateFilter(null);

    @TempDir
    private Path folder;

    private LoopbackGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = LoopbackGateway.start(folder, "auto", REMOTE);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void statusSaysWhereTheGatewayIsAndThatItIsReady() {
        StatusReport status = (StatusReport) gateway.ask(StatusCommands.class, "status");
        assertEquals(LoopbackGateway.address(), status.local());
        assertEquals("ready", status.state());
        assertEquals(1, status.workers());
        assertEquals(2, status.fdbEntries());
        assertEquals("run-to-completion", status.schedule());
    }

    @Test
    void vnisAreListedWithTheirSizes() {
        VniRow row = gateway.list(VniCommands.class, "vni list", VniRow.class).getFirst();
        assertEquals(VNI, row.vni());
        assertEquals(1, row.ports());
        assertEquals(2, row.fdbEntries());
        assertEquals(REMOTE, row.flood());
    }

    @Test
    void aPortAnswersByItsOwnType() {
        PortRow row =
                gateway.list(PortCommands.class, "port list", PortRow.class).getFirst();
        assertEquals("web", row.name());
        assertEquals("socket", row.type());
        assertEquals(OF_PORT, row.mac());
        assertEquals(null, row.device());
        assertEquals(null, row.netns());
        assertEquals(null, row.link());
        assertEquals("198.19.0.9:9000", row.addresses());
        assertEquals("up", row.state());
        assertTrue(String.valueOf(row.problem()).startsWith("nobody receives at "), row::toString);
    }

    @Test
    void vtepsAreListedWithTheEntriesBehindThem() {
        VtepRow row =
                gateway.list(VtepCommands.class, "vtep list", VtepRow.class).getFirst();
        assertEquals(REMOTE, row.address());
        assertTrue(row.flood());
        assertEquals(1, row.fdbEntries());
        assertEquals("file", row.source());
        assertEquals("42", row.vnis());
        assertEquals(null, row.lastHeardSeconds());
    }

    @Test
    void fdbEntriesOfPortsAndOfTheFileAreListed() {
        List<FdbRow> rows = LoopbackGateway.rows(
                gateway.ask(FdbCommands.class, "fdb list", new FdbFilter(new Vni(VNI))), FdbRow.class);
        assertEquals(List.of(OF_PORT, OF_FILE), rows.stream().map(FdbRow::mac).toList());
        assertEquals(
                "VNI 43 is not configured here", refused(FdbCommands.class, "fdb list", new FdbFilter(new Vni(43))));
        assertEquals(
                "there is no port db",
                refused(FdbCommands.class, "fdb flush", new FdbFlush(null, "db", null, false, false)));
        assertEquals(
                "there is no port db",
                refused(
                        FdbCommands.class,
                        "fdb add",
                        new FdbAddition(
                                Objects.requireNonNull(MacAddress.parse("02:00:00:00:00:03")),
                                new Vni(VNI),
                                null,
                                "db",
                                true,
                                false)));
    }

    @Test
    void aPolicyIsReplacedShownTestedAndListed() {
        Class<PolicyCommands> policy = PolicyCommands.class;
        PolicyReplacement deny = new PolicyReplacement(null, "web", "in: {default: deny}\n", null, true);
        assertEquals(new PolicyChanged(0), gateway.ask(policy, "policy replace", deny));
        String ssh = "{name: ssh, action: allow, protocol: tcp, destinationPorts: [22]}";
        gateway.ask(policy, "policy add", new RuleAddition(null, "web", Direction.IN, ssh, null, false));
        List<PolicyRow> rows = LoopbackGateway.rows(
                gateway.ask(policy, "policy list", new PolicyFilter(null, "web")), PolicyRow.class);
        assertEquals(
                List.of("ssh", "(default)"), rows.stream().map(PolicyRow::name).toList());
        List<PolicyTestRow> met = LoopbackGateway.rows(
                gateway.ask(policy, "policy test", new PolicyQuestion(null, "web", Direction.IN, "{protocol: arp}")),
                PolicyTestRow.class);
        assertEquals("drop", met.getLast().verdict());
        gateway.ask(policy, "policy del", new RuleRemoval(null, "web", Direction.IN, "ssh", false));
        PolicyYaml yaml = (PolicyYaml) gateway.ask(policy, "policy show", new PolicyScope(null, "web"));
        assertTrue(yaml.policy().contains("deny") && !yaml.policy().contains("ssh"), yaml::policy);
        assertEquals(
                "VNI 43 is not configured here", refused(policy, "policy show", new PolicyScope(new Vni(43), null)));
        assertEquals("there is no port db", refused(policy, "policy list", new PolicyFilter(null, "db")));
        assertEquals(
                "expected vni or port, one of the two",
                refused(policy, "policy list", new PolicyFilter(new Vni(VNI), "web")));
    }

    @Test
    void theFlowCacheIsTurnedOffAndOn() {
        Class<FlowCommands> flow = FlowCommands.class;
        assertEquals(List.of(), gateway.ask(flow, "flow list", new FlowFilter(null)));
        assertEquals(new Removed(0), gateway.ask(flow, "flow flush"));
        gateway.ask(flow, "flow off");
        assertEquals(false, ((FlowStats) gateway.ask(flow, "flow stats")).enabled());
        gateway.ask(flow, "flow on");
        assertEquals(true, ((FlowStats) gateway.ask(flow, "flow stats")).enabled());
    }

    @Test
    void statesAreChosenByAFilterThatIsRefusedWhenItCannotBeRead() {
        Class<StateCommands> state = StateCommands.class;
        StateFilter good = states("vni " + VNI + " src 198.19.0.0/24 dst " + OF_FILE + " port 80 proto tcp");
        assertEquals(List.of(), LoopbackGateway.rows(gateway.ask(state, "state list", good), StateRow.class));
        assertEquals(new Removed(0), gateway.ask(state, "state flush", ALL_STATES));
        assertEquals(0, ((StateStats) gateway.ask(state, "state stats")).entries());
        assertEquals(
                "found src 198.19.0.300; expected a MAC address, an IP address, or a network such as 198.19.0.0/24",
                refused(state, "state list", states("src 198.19.0.300")));
        assertEquals(
                "found dst host; expected a MAC address, an IP address, or a network such as 198.19.0.0/24",
                refused(state, "state flush", states("dst host")));
        assertEquals(
                "found port 70000; expected a number from 0 to 65535",
                refused(state, "state list", states("port 70000")));
        assertEquals(
                "found proto sctp; expected tcp, udp, icmp, icmp6, nd or arp",
                refused(state, "state list", states("proto sctp")));
        assertEquals(
                "found drop; expected vni, src, dst, port or proto: flows are not dropped",
                refused(state, "state list", states("drop POLICY_DENIED")));
        assertEquals("VNI 43 is not configured here", refused(state, "state list", states("vni 43")));
    }

    private static StateFilter states(String words) {
        return new StateFilter(List.of(words.split(" ")));
    }

    @Test
    void everyDropReasonIsListed() {
        Set<String> reasons = gateway.list(DropCommands.class, "drop list", DropRow.class).stream()
                .map(DropRow::reason)
                .collect(Collectors.toSet());
        assertEquals(DropReason.values().length, reasons.size());
    }

    @Test
    void neighboursWithoutSuppressionAreRefused() {
        Class<NeighbourCommands> neighbour = NeighbourCommands.class;
        NeighbourAddition entry = new NeighbourAddition(
                InetAddress.ofLiteral("198.19.0.7"), Objects.requireNonNull(MacAddress.parse(OF_FILE)), new Vni(VNI));
        assertEquals(List.of(), gateway.ask(neighbour, "neighbour list", new NeighbourFilter(null)));
        assertEquals(
                "VNI 42 does not answer for neighbours: set suppressNeighbours: true in the configuration file",
                refused(neighbour, "neighbour add", entry));
        assertEquals("there is no entry for 198.19.0.7 in VNI 42", refused(neighbour, "neighbour del", entry.key()));
        assertEquals(
                "VNI 43 is not configured here",
                refused(neighbour, "neighbour list", new NeighbourFilter(new Vni(43))));
    }

    @Test
    void workersAndTheirStagesAreListed() {
        List<WorkerRow> workers = gateway.list(WorkerCommands.class, "worker list", WorkerRow.class);
        assertEquals(List.of("worker-0"), workers.stream().map(WorkerRow::name).toList());
        List<String> stages = gateway.list(StageCommands.class, "stage list", StageRow.class).stream()
                .map(row -> row.device() + " " + row.stage())
                .toList();
        assertTrue(stages.containsAll(List.of("vtep decap", "vtep encap")), stages::toString);
    }

    @Test
    void theScheduleIsChangedAndFlowsAreMapped() {
        Class<ScheduleCommands> schedule = ScheduleCommands.class;
        assertTrue(refused(schedule, "schedule map", new SteeringFilter(null))
                .startsWith("the schedule is run-to-completion"));
        assertEquals(
                "found fast; expected one of auto, run-to-completion, queued, pipelined",
                refused(schedule, "schedule set", new ScheduleChange("fast", null, null)));
        assertEquals(
                "flow: expected a flow hash of up to eight hexadecimal digits",
                refused(schedule, "schedule map", new SteeringFilter("xyz")));
        gateway.ask(schedule, "schedule set", new ScheduleChange("pipelined", "static", true));
        ScheduleReport report = (ScheduleReport) gateway.ask(schedule, "schedule show");
        assertEquals("pipelined", report.mode());
        List<SteeringRow> rows = LoopbackGateway.rows(
                gateway.ask(schedule, "schedule map", new SteeringFilter("beef")), SteeringRow.class);
        assertEquals("0000beef", rows.getFirst().flowHash());
    }

    private String refused(Class<? extends Noun> noun, String command, Record request) {
        CompletionException refused =
                assertThrows(CompletionException.class, () -> gateway.ask(noun, command, request));
        return String.valueOf(Objects.requireNonNull(refused.getCause()).getMessage());
    }
}
