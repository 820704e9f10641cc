package dev.peregrine.gateway;

import static dev.peregrine.gateway.LoopbackGateway.OF_FILE;
import static dev.peregrine.gateway.LoopbackGateway.OF_PORT;
import static dev.peregrine.gateway.LoopbackGateway.OTHER_REMOTE;
import static dev.peregrine.gateway.LoopbackGateway.REMOTE;
import static dev.peregrine.gateway.LoopbackGateway.VNI;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.config.change.Line;
import dev.peregrine.gateway.config.change.Outcome;
import dev.peregrine.gateway.control.Vni;
import dev.peregrine.gateway.control.report.FdbRow;
import dev.peregrine.gateway.control.report.FlowStats;
import dev.peregrine.gateway.control.report.PortRow;
import dev.peregrine.gateway.control.report.ScheduleReport;
import dev.peregrine.gateway.control.report.StageRow;
import dev.peregrine.gateway.control.report.StatusReport;
import dev.peregrine.gateway.control.report.VniRow;
import dev.peregrine.gateway.control.report.VtepRow;
import dev.peregrine.gateway.control.report.policy.PolicyYaml;
import dev.peregrine.gateway.control.request.FdbFilter;
import dev.peregrine.gateway.control.request.ScheduleChange;
import dev.peregrine.gateway.control.request.change.ConfigText;
import dev.peregrine.gateway.control.request.change.DrainOptions;
import dev.peregrine.gateway.control.request.change.PortAddition;
import dev.peregrine.gateway.control.request.change.PortKey;
import dev.peregrine.gateway.control.request.change.ReloadOptions;
import dev.peregrine.gateway.control.request.change.RemoteKey;
import dev.peregrine.gateway.control.request.change.VniAddition;
import dev.peregrine.gateway.control.request.change.VniKey;
import dev.peregrine.gateway.control.request.policy.PolicyReplacement;
import dev.peregrine.gateway.control.request.policy.PolicyScope;
import dev.peregrine.gateway.noun.ConfigCommands;
import dev.peregrine.gateway.noun.FdbCommands;
import dev.peregrine.gateway.noun.FlowCommands;
import dev.peregrine.gateway.noun.PortCommands;
import dev.peregrine.gateway.noun.ScheduleCommands;
import dev.peregrine.gateway.noun.StageCommands;
import dev.peregrine.gateway.noun.StatusCommands;
import dev.peregrine.gateway.noun.VniCommands;
import dev.peregrine.gateway.noun.VtepCommands;
import dev.peregrine.gateway.policy.PolicyCommands;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway follows its file and commands without a restart. It takes no privileges: one worker, VNI 42, a socket port.
 */
@Timeout(60)
class ReloadTest {
    private static final Class<ConfigCommands> CONFIG = ConfigCommands.class;

    @TempDir
    private Path folder;

    private LoopbackGateway gateway;
    private Path file;
    private String original;

    @BeforeEach
    void start() throws Exception {
        gateway = LoopbackGateway.start(folder, "auto", REMOTE);
        file = folder.resolve("gateway.yaml");
        original = Files.readString(file);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private Outcome reload(String text) throws Exception {
        Files.writeString(file, text);
        return (Outcome) gateway.ask(CONFIG, "reload", new ReloadOptions(false));
    }

    private static List<String> texts(List<Line> lines) {
        return lines.stream().map(Line::toString).toList();
    }

    private String refused(String command, Record request) {
        CompletionException refused =
                assertThrows(CompletionException.class, () -> gateway.ask(CONFIG, command, request));
        return String.valueOf(Objects.requireNonNull(refused.getCause()).getMessage());
    }

    private List<String> macs() {
        return LoopbackGateway.rows(gateway.ask(FdbCommands.class, "fdb list", new FdbFilter(null)), FdbRow.class)
                .stream()
                .map(FdbRow::mac)
                .toList();
    }

    private List<PortRow> ports() {
        return gateway.list(PortCommands.class, "port list", PortRow.class);
    }

    private List<String> stages() {
        return gateway.list(StageCommands.class, "stage list", StageRow.class).stream()
                .map(row -> row.device() + "." + row.stage())
                .toList();
    }

    private String port(String name, int number) {
        return "{name: %s, type: socket, listen: \"198.19.0.%d:9000\", mac: \"02:00:00:00:00:%d\", deliver: \"udp:127.0.0.1:%d\"}"
                .formatted(name, number, number, 9000 + number);
    }

    @Test
    void anUnchangedFileChangesNothing() throws Exception {
        Outcome outcome = reload(original);
        assertEquals(new Outcome(true, List.of(), List.of(), List.of()), outcome);
    }

    @Test
    void entriesFloodsAndSettingsFollowTheFile() throws Exception {
        String changed = original.replace(OF_FILE, "02:00:00:00:00:07")
                .replace("flood: [" + REMOTE + "]", "flood: [" + OTHER_REMOTE + "]\n    ageing: 60s\n    mtu: 1400");
        Outcome outcome = reload(changed);
        assertEquals(
                List.of(
                        "+ vni 42 flood " + OTHER_REMOTE,
                        "~ vni 42 mtu: auto -> 1400",
                        "~ vni 42 ageing: 300s -> 60s",
                        "+ vni 42 fdb 02:00:00:00:00:07 vtep " + REMOTE,
                        "- vni 42 flood " + REMOTE,
                        "- vni 42 fdb " + OF_FILE + " vtep " + REMOTE),
                texts(outcome.changes()));
        assertEquals(List.of(OF_PORT, "02:00:00:00:00:07"), macs());
        VniRow row = gateway.list(VniCommands.class, "vni list", VniRow.class).getFirst();
        assertEquals(60, row.ageingSeconds());
        assertEquals(1400, row.mtu());
        assertEquals(OTHER_REMOTE, row.flood());
        assertEquals(1400, ports().getFirst().mtu());
        assertEquals(6, reload(original).changes().size(), "and back");
        assertEquals(List.of(OF_PORT, OF_FILE), macs());
    }

    @Test
    void aFileWithAnErrorChangesNothing() throws Exception {
        Files.writeString(file, original.replace("flood: [" + REMOTE + "]", "flood: [" + OTHER_REMOTE + ", nonsense]"));
        String why = refused("reload", new ReloadOptions(false));
        assertTrue(why.contains("gateway.yaml:5: vnis[0].flood[1]: found nonsense; expected"), why);
        assertEquals(
                REMOTE,
                gateway.list(VniCommands.class, "vni list", VniRow.class)
                        .getFirst()
                        .flood());
    }

    @Test
    void keysThatTakeARestartAreNamedAndStay() throws Exception {
        Outcome outcome =
                reload(original.replace("idle: block", "idle: spin").replace("port: 4789", "port: 4790, ttl: 3"));
        assertEquals(List.of("~ underlay.ttl: 64 -> 3"), texts(outcome.changes()));
        assertEquals(
                List.of("~ underlay.port: 4789 -> 4790", "~ workers.idle: block -> spin"), texts(outcome.restart()));
        StatusReport status = (StatusReport) gateway.ask(StatusCommands.class, "status");
        assertEquals(4789, status.port());
        assertEquals(2, reload(Files.readString(file)).restart().size(), "as long as they differ");
    }

    @Test
    void askingChangesNothing() throws Exception {
        String changed = original.replace("flood: [" + REMOTE + "]", "flood: []");
        Outcome asked = (Outcome) gateway.ask(CONFIG, "config diff", new ConfigText(changed, "other.yaml"));
        assertEquals(
                new Outcome(false, List.of(new Line("vni 42 flood", REMOTE, null)), List.of(), asked.warnings()),
                asked);
        Files.writeString(file, changed);
        assertEquals(asked.changes(), ((Outcome) gateway.ask(CONFIG, "reload", new ReloadOptions(true))).changes());
        assertEquals(
                REMOTE,
                gateway.list(VniCommands.class, "vni list", VniRow.class)
                        .getFirst()
                        .flood());
    }

    @Test
    void portsComeAndGoAndTheirNumbersAreUsedAgain() throws Exception {
        for (int round = 0; round < 3; round++) {
            gateway.ask(CONFIG, "port add", new PortAddition(new Vni(VNI), port("db", 11)));
            Outcome second = (Outcome) gateway.ask(CONFIG, "port add", new PortAddition(new Vni(VNI), port("mq", 12)));
            assertEquals(List.of("+ vni 42 port mq socket udp:127.0.0.1:9012"), texts(second.changes()));
            assertEquals(
                    List.of("web", "db", "mq"),
                    ports().stream().map(PortRow::name).toList());
            assertTrue(ports().stream().allMatch(row -> row.state().equals("up")), () -> ports().toString());
            assertEquals(List.of(OF_PORT, OF_FILE, "02:00:00:00:00:11", "02:00:00:00:00:12"), macs());
            assertTrue(stages().contains("port:db.in"), () -> stages().toString());
            gateway.ask(CONFIG, "port del", new PortKey("db"));
            assertEquals(
                    List.of("web", "mq"), ports().stream().map(PortRow::name).toList());
            assertFalse(stages().contains("port:db.in"), () -> stages().toString());
            assertEquals(
                    List.of("- vni 42 port mq socket udp:127.0.0.1:9012"),
                    texts(reload(original).changes()),
                    "a reload takes back what a command has added");
            assertEquals(List.of(OF_PORT, OF_FILE), macs());
        }
    }

    @Test
    void whatCannotBeAddedIsRefusedInTheWordsOfTheFile() {
        assertEquals("there is no port db", refused("port del", new PortKey("db")));
        assertEquals(
                "VNI 43 is not configured here", refused("port add", new PortAddition(new Vni(43), port("db", 11))));
        String twice = refused("port add", new PortAddition(new Vni(VNI), port("web", 11)));
        assertTrue(twice.startsWith("port add: vnis[0].ports[1].name: found web again"), twice);
        String unknown = refused("port add", new PortAddition(new Vni(VNI), "{name: db, type: tab}"));
        assertTrue(unknown.startsWith("port add: vnis[0].ports[1].type: found tab; expected"), unknown);
        String syntax = refused("port add", new PortAddition(new Vni(VNI), "{name: db"));
        assertTrue(syntax.startsWith("port: found a syntax error"), syntax);
        assertTrue(refused("vni add", new VniAddition(new Vni(VNI), null)).contains("42 again"));
        String key = refused("vni add", new VniAddition(new Vni(43), "{agein: 60s}"));
        assertTrue(
                key.contains("vnis[1].agein: found an unknown key; expected") && key.contains("did you mean ageing"),
                key);
        assertEquals(List.of("web"), ports().stream().map(PortRow::name).toList());
    }

    @Test
    void vnisComeAndGoWithTheirPorts() throws Exception {
        for (int round = 0; round < 3; round++) {
            gateway.ask(
                    CONFIG,
                    "vni add",
                    new VniAddition(new Vni(43), "{flood: [" + OTHER_REMOTE + "], suppressNeighbours: true}"));
            gateway.ask(CONFIG, "port add", new PortAddition(new Vni(43), port("db", 11)));
            assertEquals(
                    List.of(42, 43),
                    gateway.list(VniCommands.class, "vni list", VniRow.class).stream()
                            .map(VniRow::vni)
                            .toList());
            assertTrue(stages().contains("bridge.neighbours"), () -> stages().toString());
            Outcome gone = (Outcome) gateway.ask(CONFIG, "vni del", new VniKey(new Vni(43)));
            assertEquals(
                    List.of("- vni 43 flood " + OTHER_REMOTE, "- vni 43 port db socket udp:127.0.0.1:9011", "- vni 43"),
                    texts(gone.changes()));
            assertEquals(List.of("web"), ports().stream().map(PortRow::name).toList());
            assertEquals(List.of(OF_PORT, OF_FILE), macs());
        }
        assertEquals(List.of(), reload(original).changes());
    }

    @Test
    void theOwnMacOfAPortStaysWhenAnEntryForItGoes() throws Exception {
        String own = "fdb: [{mac: \"" + OF_PORT + "\", port: web}, ";
        assertEquals(1, reload(original.replace("fdb: [", own)).changes().size());
        assertEquals(1, reload(original).changes().size());
        assertEquals(List.of(OF_PORT + " web", OF_FILE + " " + REMOTE), entries());
    }

    @Test
    void aPortThatComesTakesItsMacFromTheEntryThatGoes() throws Exception {
        String elsewhere = original.substring(0, original.indexOf("    ports:"))
                .replace("fdb: [", "fdb: [{mac: \"" + OF_PORT + "\", vtep: " + REMOTE + "}, ");
        reload(elsewhere);
        assertEquals(List.of(OF_PORT + " " + REMOTE, OF_FILE + " " + REMOTE), entries());
        reload(original);
        assertEquals(List.of(OF_PORT + " web", OF_FILE + " " + REMOTE), entries());
    }

    private List<String> entries() {
        return LoopbackGateway.rows(gateway.ask(FdbCommands.class, "fdb list", new FdbFilter(null)), FdbRow.class)
                .stream()
                .map(row -> row.mac() + " " + (row.port() == null ? row.vtep() : row.port()))
                .toList();
    }

    @Test
    void floodsAndVtepsAreAddedAndTakenBack() {
        RemoteKey flood = new RemoteKey(new Vni(VNI), InetAddress.ofLiteral(OTHER_REMOTE));
        RemoteKey vtep = new RemoteKey(null, InetAddress.ofLiteral("127.0.64.9"));
        gateway.ask(CONFIG, "flood add", flood);
        gateway.ask(CONFIG, "vtep add", vtep);
        assertEquals(
                List.of(REMOTE, OTHER_REMOTE, "127.0.64.9"),
                gateway.list(VtepCommands.class, "vtep list", VtepRow.class).stream()
                        .map(VtepRow::address)
                        .sorted()
                        .toList());
        String named = refused("vtep del", new RemoteKey(null, InetAddress.ofLiteral(OTHER_REMOTE)));
        assertTrue(named.endsWith("but in a flood list: flood del " + OTHER_REMOTE + " vni 42"), named);
        assertTrue(refused("flood add", flood).contains(OTHER_REMOTE + " again"));
        gateway.ask(CONFIG, "flood del", flood);
        gateway.ask(CONFIG, "vtep del", vtep);
        assertEquals(OTHER_REMOTE + " is not in the flood list of VNI 42", refused("flood del", flood));
    }

    @Test
    void aReloadTakesBackWhatCommandsHaveSet() throws Exception {
        gateway.ask(
                PolicyCommands.class,
                "policy replace",
                new PolicyReplacement(null, "web", "in: {default: deny}\n", null, false));
        gateway.ask(ScheduleCommands.class, "schedule set", new ScheduleChange("queued", null, null));
        gateway.ask(FlowCommands.class, "flow off");
        List<String> taken = texts(reload(original).changes());
        assertEquals(3, taken.size(), taken::toString);
        assertTrue(taken.getFirst().startsWith("- vni 42 port web policy "), taken::toString);
        assertEquals(
                List.of("~ schedule.mode: queued -> run-to-completion", "~ fastpath.enabled: false -> true"),
                taken.subList(1, 3));
        assertTrue(((FlowStats) gateway.ask(FlowCommands.class, "flow stats")).enabled());
        assertEquals(
                "run-to-completion", ((ScheduleReport) gateway.ask(ScheduleCommands.class, "schedule show")).mode());
        assertEquals(List.of(), reload(original).changes());
    }

    @Test
    void rulesFollowTogetherWithTheAddressSetsThatTheyName() throws Exception {
        String with = original.replace("vnis:", "addressSets: [{name: some, addresses: [10.0.0.0/8]}]\nvnis:")
                .replace("fdb:", "policy: {in: {rules: [{name: a, action: deny, source: [\"set:some\"]}]}}\n    fdb:");
        assertEquals(2, reload(with).changes().size());
        PolicyYaml policy =
                (PolicyYaml) gateway.ask(PolicyCommands.class, "policy show", new PolicyScope(new Vni(VNI), null));
        assertTrue(policy.policy().contains("set:some"), policy::policy);
        Outcome other = reload(with.replace("some", "others"));
        assertEquals(3, other.changes().size(), other::toString);
        assertEquals(2, reload(original).changes().size());
    }

    @Test
    void underEveryScheduleAGraphGainsAndLosesPorts() throws Exception {
        for (String mode : List.of("queued", "pipelined", "run-to-completion")) {
            gateway.ask(ScheduleCommands.class, "schedule set", new ScheduleChange(mode, null, null));
            gateway.ask(CONFIG, "port add", new PortAddition(new Vni(VNI), port("db", 11)));
            gateway.ask(CONFIG, "port del", new PortKey("db"));
        }
        ScheduleReport report = (ScheduleReport) gateway.ask(ScheduleCommands.class, "schedule show");
        assertTrue(report.pauses() >= 6 && report.longestPauseMicros() > 0, report::toString);
    }

    @Test
    void placesAreBounded() {
        StringBuilder vnis = new StringBuilder();
        for (int vni = 1000; vni < 1300; vni++) {
            vnis.append("  - {vni: ").append(vni).append("}\n");
        }
        String why = refused("config diff", new ConfigText(original + vnis, "many.yaml"));
        assertEquals(
                "many.yaml:4: vnis: found 301 VNIs; expected at most 257, for which this gateway has places: restart it for more",
                why);
    }

    @Test
    void whileItDrainsItTakesNoChangesAndSaysSo() {
        gateway.ask(CONFIG, "drain", new DrainOptions(false));
        assertEquals("draining", ((StatusReport) gateway.ask(StatusCommands.class, "status")).state());
        assertEquals(
                "the gateway is draining, and takes no changes: drain off ends that",
                refused("port del", new PortKey("web")));
        assertEquals("up", ports().getFirst().state());
        gateway.ask(CONFIG, "drain", new DrainOptions(true));
        assertEquals("ready", ((StatusReport) gateway.ask(StatusCommands.class, "status")).state());
    }
}
