package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.Globals;
import dev.peregrine.gateway.control.ControlServer;
import dev.peregrine.gateway.control.FakeNouns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CliTest {
    @TempDir
    private Path folder;

    private final FakeNouns nouns = new FakeNouns();
    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private Path socket;
    private ControlServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("control.sock");
        server = ControlServer.start(socket, nouns.list(), control);
    }

    @AfterEach
    void stop() {
        server.close();
        control.shutdownNow();
    }

    @Test
    void listsAreAlignedTables() {
        assertTable("""
                NAME  VNI  TYPE    STATE    LINK  DEVICE  MAC                RX PACKETS  TX PACKETS  RX BYTES  TX BYTES  NETNS   MTU  FDB ENTRIES  FDB REFUSED  LAST ERROR                PROBLEM  REASON             ADDRESSES
                web    42  tap     up       up    eth0    02:00:00:00:00:02          10          20      1000      2000  cB     1450            2            0  EIO (input/output error)  -        -                  198.19.0.2/24
                app    42  socket  waiting  -     -       02:00:00:00:00:09           0           0         0         0  -      1450            0            0  -                         -        no such namespace  -
                """, "port", "list");
        assertTable("""
                     VNI   MTU  PORTS  FDB ENTRIES  FDB LIMIT  FDB REFUSED  FDB MOVES  UNKNOWN UNICASTS  GROUP FLOODS  NEIGHBOURS  NEIGHBOURS REFUSED  NEIGHBOUR REQUESTS  NEIGHBOUR REPLIES  NEIGHBOUR ANSWERS  LEARNING  AGEING SECONDS  FLOOD
                      42  1450      2            2       8192            2          1                 7             8           4                   6                   9                 10                 11  yes                  300  198.18.0.1 198.18.0.3
                16777215  9000      0            0       8192            0          0                 0             0           0                   0                   0                  0                  0  no                     0  -
                """, "vni", "list");
        assertTable("""
                MAC                VNI  PORT  VTEP        STATE    AGE SECONDS  STICKY
                02:00:00:00:00:01   42  -     198.18.0.1  static             0  no
                02:00:00:00:00:02   42  web   -           dynamic           12  yes
                """, "fdb", "list", "vni", "42");
        assertTable("""
                REASON               COUNT  PER SECOND  LAST SECONDS  LAST VNI  LAST VTEP   LAST PORT  LAST MAC           LAST ERROR                       TEXT
                VXLAN_VNI_NOT_FOUND  12345          50             0        43  198.18.0.1  -          02:00:00:00:00:01  -                                The VNI is not configured here.
                UNDERLAY_REFUSED         7           0            70         -  fd00::1     -          -                  EPERM (operation not permitted)  The kernel refused the datagram.
                """, "drop", "list");
        assertTable("""
                NAME      CPU  LOAD %    PACKETS  HAND OFFS  WAKE UPS  REORDERS  QUEUE DEPTH  PARKED  POOL EMPTY
                worker-0    0    12.3  123456789          0         1         2            3       4           5
                worker-1    -     0.0          0          0         0         0            0       0           0
                """, "worker", "list");
        assertTable("""
                ADDRESS     SOURCE  LAST HEARD SECONDS  FLOOD  FDB ENTRIES  RX DATAGRAMS  TX DATAGRAMS  RX BYTES  TX BYTES  PATH MTU  LAST ERROR SECONDS  LAST ERROR                       VNIS
                198.18.0.1  file                     2  yes              1            10            11      1000      1100  -                          3  EPERM (operation not permitted)  42 43
                """, "vtep", "list");
        assertTable("""
                ADDRESS     VNI  MAC                PORT  VTEP        STATE   AGE SECONDS
                198.19.0.7   42  02:00:00:00:00:07  -     198.18.0.1  static            0
                fd00::7      42  02:00:00:00:00:08  web   -           stale            31
                """, "neighbour", "list");
        assertTable("""
                DEVICE  STAGE   WORKER    PACKETS  SEGMENTS  DROPS  NANOS PER PACKET  BATCH SIZE  QUEUE DEPTH
                vtep    decap   worker-0     1000     44000      3             123.5        64.0            0
                bridge  bridge  worker-0      997     43990      0              20.0        64.0          128
                """, "stage", "list");
    }

    @Test
    void policiesAreListedAndChanged() throws IOException {
        assertTable("""
                VNI  PORT  DIRECTION  POSITION  NAME       ACTION  MATCH         PACKETS  BYTES
                 42  -     in                1  arp        allow   protocol arp        7    420
                 42  web   in                0  (default)  deny    -                   0      0
                """, "policy", "list");
        Outcome dropped = gateway("policy", "test", "port", "web", "in", "{protocol: arp}");
        assertEquals(1, dropped.exit(), "what would be dropped");
        assertTrue(dropped.out().contains("POLICY_DENIED"), dropped.out());
        assertEquals(
                0,
                gateway("policy", "test", "vni", "42", "in", "{protocol: arp}").exit());
        assertEquals(new Outcome(0, "in: {default: deny}\n", ""), gateway("policy", "show", "port", "web"));
        Path file = Files.writeString(folder.resolve("policy.yaml"), "in: {}\n");
        assertEquals(
                0, gateway("policy", "replace", "vni", "42", file.toString()).exit());
        assertEquals(
                0,
                gateway("policy", "add", "port", "web", "out", "{name: a}", "before", "b")
                        .exit());
        assertEquals(0, gateway("policy", "del", "port", "web", "in", "a").exit());
        assertEquals(
                List.of(
                        "show port web",
                        "replace vni 42 by in: {}\n",
                        "add port web out {name: a} before b",
                        "del port web in a"),
                nouns.told);
    }

    @Test
    void changesOfPolicyEndFlowsIfAsked() {
        assertEquals(
                new Outcome(0, "", "2 flows ended\n"),
                gateway("policy", "add", "port", "web", "out", "{name: a}", "--end-flows"));
        assertEquals(new Outcome(0, "", ""), gateway("policy", "add", "port", "web", "out", "{name: a}"));
    }

    @Test
    void statesAreListedCountedAndEnded() {
        Outcome list = gateway("state", "list", "vni", "42", "src", "198.19.0.0/24", "proto", "tcp");
        assertEquals(0, list.exit(), list::toString);
        assertTrue(list.out().contains("established"), list::toString);
        assertTrue(gateway("state", "stats").out().contains("evicted"));
        assertEquals(
                new Outcome(0, "", "4 flows ended\n"),
                gateway("state", "flush", "src", "02:00:00:00:00:01", "port", "80"));
        assertEquals(new Outcome(0, "", "4 flows ended\n"), gateway("state", "flush"));
        assertEquals(2, gateway("state", "flush", "everything").exit());
        assertEquals(
                List.of(
                        "StateFilter[vni=42, src=198.19.0.0/24, dst=null, port=null, proto=tcp]",
                        "StateFilter[vni=null, src=02:00:00:00:00:01, dst=null, port=80, proto=null]",
                        "StateFilter[vni=null, src=null, dst=null, port=null, proto=null]"),
                nouns.told);
    }

    @Test
    void policyCommandsAreRefusedWithAReason() throws IOException {
        Path file = Files.writeString(folder.resolve("policy.yaml"), "nonsense");
        assertEquals(
                new Outcome(2, "", file + ":1: nonsense\n"),
                gateway("policy", "replace", "vni", "42", file.toString()));
        assertEquals(
                2, gateway("policy", "replace", "vni", "42", folder + "/absent").exit());
        assertEquals(
                new Outcome(2, "", "expected vni or port, one of the two\n"),
                gateway("policy", "list", "vni", "42", "port", "web"));
        assertEquals(
                2, gateway("policy", "add", "port", "web", "sideways", "{}").exit());
        assertEquals(2, gateway("policy", "del", "web", "in", "a").exit());
        assertEquals(2, gateway("policy", "del", "port", "web", "in", "a", "b").exit());
    }

    @Test
    void statusIsReadable() {
        assertTable("""
                version             1.2.3
                state               ready
                process             pid 4711, net:[4026531840]
                configuration       /etc/peregrine/peregrine.yaml
                uptime              1 d 2:03:04
                underlay            198.18.0.2 port 4789, native, up
                schedule            run-to-completion: no worker is busy
                workers             2
                worker-0            CPU 3
                worker-1            CPU 2, which the process may no longer use, shared with IRQ 38 (virtio2-input.0), b, c and 2 more
                underlay receivers  IRQ 38 (virtio2-input.0) on CPU 2, RPS of eth0 rx-0 on CPU 0-1,4
                underlay receivers  not known: the NAPI threads of eth0 cannot be seen from this pid namespace
                underlay rx packets 1000
                underlay tx packets 900
                drops               7
                pool empty          5
                fdb entries         3
                send buffer         5120 KiB a socket of 6144 KiB wanted: VTEPs that do not answer may cost others (CAP_NET_ADMIN, or net.core.wmem_max)
                receive failures    2 calls, the last with ENOMEM (cannot allocate memory)
                neighbours dropped  5 messages about addresses
                kernel              UdpInCsumErrors 3: UDP datagrams with a wrong checksum
                offload gro         on
                offload gso         off: EIO on send
                offload port tso4   on: checked (web, app)
                offload port tso4   off: EIO on write (db)
                """, "status");
    }

    private void assertTable(String expected, String... words) {
        assertEquals(new Outcome(0, expected, ""), gateway(words));
    }

    @Test
    void jsonIsTheGatewaysAnswer() throws IOException {
        Outcome outcome = gateway("fdb", "list", "--json");
        assertEquals(
                "[{\"mac\":\"02:00:00:00:00:01\",\"vni\":42,\"port\":null,\"vtep\":\"198.18.0.1\",\"state\":\"static\","
                        + "\"ageSeconds\":0,\"sticky\":false},{\"mac\":\"02:00:00:00:00:02\",\"vni\":42,\"port\":\"web\",\"vtep\":null,"
                        + "\"state\":\"dynamic\",\"ageSeconds\":12,\"sticky\":true}]",
                Globals.mapper().readTree(outcome.out()).toString());
        assertEquals(new Outcome(0, "[ ]\n", ""), gateway("--json", "fdb", "list", "vni", "7"));
    }

    @Test
    void globalOptionsStandAnywhere() {
        for (String[] words : List.of(
                new String[] {"--socket", socket.toString(), "--timeout", "9", "--json", "status"},
                new String[] {"status", "--socket", socket.toString(), "--timeout", "9", "--json"},
                new String[] {"--json", "status", "--timeout=9", "--socket=" + socket})) {
            Outcome outcome = run(words);
            assertEquals(0, outcome.exit(), outcome.toString());
            assertTrue(outcome.out().startsWith("{\n  \"version\" : \"1.2.3\""), outcome.toString());
        }
        Outcome between = run("fdb", "--socket", socket.toString(), "list", "--json", "vni", "42");
        assertEquals(0, between.exit(), between.toString());
    }

    @Test
    void emptyListSaysSoOnStderr() {
        assertEquals(new Outcome(0, "", "the list is empty: fdb\n"), gateway("fdb", "list", "vni", "7"));
    }

    @Test
    void flowStatsHaveTheirFields() {
        String stats = gateway("flow", "stats", "--json").out();
        for (String field : List.of("entries", "capacity", "hits", "misses", "inserts", "evictions", "stale")) {
            assertTrue(stats.contains("\"" + field + "\" : "), stats);
        }
        assertTrue(gateway("flow", "stats").out().contains("hits         1000\n"));
    }

    @Test
    void flowsAreListedFlushedAndTurnedOff() {
        String list = gateway("flow", "list").out();
        assertTrue(list.contains("198.19.0.1") && list.contains("vtep 198.18.0.1"), list);
        assertEquals(new Outcome(0, "", "1 flows removed\n"), gateway("flow", "flush"));
        assertEquals(new Outcome(0, "", ""), gateway("flow", "off"));
        assertEquals(new Outcome(0, "{ }\n", ""), gateway("flow", "on", "--json"));
        assertEquals(List.of("flow flush", "flow off", "flow on"), nouns.told);
    }

    @Test
    void fdbChangesReachTheGateway() {
        assertEquals(
                new Outcome(0, "", ""),
                gateway("fdb", "add", "02:00:00:00:00:0A", "vni", "42", "dst", "198.18.0.1", "static"));
        assertEquals(
                new Outcome(0, "{ }\n", ""),
                gateway("fdb", "replace", "02:00:00:00:00:0b", "port", "web", "vni", "42", "sticky", "--json"));
        assertEquals(new Outcome(0, "", ""), gateway("fdb", "del", "02:00:00:00:00:0a", "vni", "42"));
        assertEquals(
                new Outcome(0, "", "5 entries removed\n"),
                gateway("fdb", "flush", "vni", "42", "vtep", "fd00::1", "dynamic"));
        assertEquals(new Outcome(0, "", "5 entries removed\n"), gateway("fdb", "flush", "static"));
        assertEquals(new Outcome(0, "{\n  \"removed\" : 5\n}\n", ""), gateway("--json", "fdb", "flush"));
        assertEquals(
                List.of(
                        "add FdbAddition[mac=02:00:00:00:00:0a, vni=42, vtep=/198.18.0.1, port=null, isStatic=true,"
                                + " isSticky=false]",
                        "replace FdbAddition[mac=02:00:00:00:00:0b, vni=42, vtep=null, port=web, isStatic=false,"
                                + " isSticky=true]",
                        "FdbKey[mac=02:00:00:00:00:0a, vni=42]",
                        "FdbFlush[vni=42, port=null, vtep=/fd00:0:0:0:0:0:0:1, dynamics=true, statics=false]",
                        "FdbFlush[vni=null, port=null, vtep=null, dynamics=false, statics=true]",
                        "FdbFlush[vni=null, port=null, vtep=null, dynamics=true, statics=false]"),
                nouns.told);
    }

    @Test
    void theScheduleIsShownSetAndMapped() {
        String report = """
                mode                auto
                schedule            run-to-completion
                reason              no worker is busy
                changes             0
                pauses              6
                pause micros        120
                longest pause micros 340
                load threshold      80
                sample millis       10
                device ids          bridge 5, vtep 3
                """;
        assertTable(report, "schedule", "show");
        assertTable(report, "schedule", "set", "pipelined", "static", "split");
        assertTable(report, "schedule", "set", "auto");
        assertTable("""
                FLOW HASH  DEVICE  ID  FIRST     SECOND    NOW
                beef       bridge   5  worker-0  worker-1  worker-1
                """, "schedule", "map", "beef");
        assertEquals(
                List.of(
                        "ScheduleChange[mode=pipelined, balance=static, split=true]",
                        "ScheduleChange[mode=auto, balance=null, split=null]"),
                nouns.told);
        assertEquals(2, gateway("schedule", "set", "static").exit());
        assertEquals(2, gateway("schedule", "set", "queued", "auto").exit());
        assertEquals(new Outcome(2, "", "flow: expected a flow hash\n"), gateway("schedule", "map", "xyz"));
    }

    @Test
    void changesOfTheConfigurationAreToldAndPrinted() {
        String text = """
                + vni 42 port db tap eth0
                ~ vni 42 ageing: 300s -> 60s
                - vni 43
                ! underlay.port: 4789 -> 4790 (takes a restart)
                """;
        Outcome printed = new Outcome(0, text, "a warning\n");
        assertEquals(printed, gateway("reload"));
        assertEquals(printed, gateway("reload", "--dry-run"));
        assertEquals(
                printed,
                gateway(
                        "port",
                        "add",
                        "db",
                        "vni",
                        "42",
                        "type",
                        "tap",
                        "device",
                        "eth0",
                        "addresses",
                        "10.0.0.1/24,fd00::1/64"));
        assertEquals(printed, gateway("port", "add", "{name: db, type: tap, device: eth0}", "vni", "42"));
        assertEquals(printed, gateway("port", "del", "db"));
        assertEquals(printed, gateway("vni", "add", "43", "flood", "198.18.0.1", "ageing", "60s"));
        assertEquals(printed, gateway("vni", "add", "44"));
        assertEquals(printed, gateway("vni", "del", "43"));
        assertEquals(printed, gateway("flood", "add", "198.18.0.3", "vni", "42"));
        assertEquals(printed, gateway("vtep", "del", "198.18.0.3"));
        assertEquals(0, gateway("drain").exit());
        assertEquals(0, gateway("drain", "off").exit());
        assertEquals(
                List.of(
                        "ReloadOptions[dryRun=false]",
                        "ReloadOptions[dryRun=true]",
                        "PortAddition[vni=42, port={name: db, type: tap, device: eth0, addresses:"
                                + " [10.0.0.1/24,fd00::1/64]}]",
                        "PortAddition[vni=42, port={name: db, type: tap, device: eth0}]",
                        "PortKey[port=db]",
                        "VniAddition[vni=43, settings={flood: [198.18.0.1], ageing: 60s}]",
                        "VniAddition[vni=44, settings=null]",
                        "VniKey[vni=43]",
                        "flood add RemoteKey[vni=42, vtep=/198.18.0.3]",
                        "vtep del RemoteKey[vni=null, vtep=/198.18.0.3]",
                        "DrainOptions[off=false]",
                        "DrainOptions[off=true]"),
                nouns.told);
        assertTrue(gateway("port", "add", "db", "type", "tap").err().startsWith("found type; expected vni N\n"));
        assertTrue(gateway("vni", "add", "43", "ageing")
                .err()
                .startsWith("found nothing behind ageing; expected its value\n"));
        assertTrue(gateway("flood", "add", "host", "vni", "42")
                .err()
                .startsWith("found host; expected an IPv4 or IPv6 address\n"));
        assertTrue(gateway("drain", "on").err().startsWith("found on; expected off, or nothing\n"));
        assertTrue(gateway("--json", "reload").out().contains("\"what\" : \"vni 42 port db\""));
    }

    @Test
    void aRefusalExitsWithOne() {
        assertEquals(new Outcome(1, "", "VNI 43 is not configured\n"), gateway("fdb", "list", "vni", "43", "--json"));
        assertEquals(
                new Outcome(1, "", "there is no port nowhere\n"),
                gateway("fdb", "add", "02:00:00:00:00:0a", "vni", "42", "port", "nowhere"));
    }

    @Test
    void helpAndVersionAreEverywhere() {
        for (String[] words : List.of(
                new String[] {"--version"},
                new String[] {"fdb", "--version"},
                new String[] {"fdb", "add", "--version"},
                new String[] {"vni", "list", "--version"})) {
            Outcome version = run(words);
            assertEquals(0, version.exit(), version.toString());
            assertTrue(version.out().matches("peregrine [0-9]+\\.[0-9]+\\.[0-9]+.*\\n"), version.toString());
        }
        for (String[] words : List.of(
                new String[] {"--help"},
                new String[] {"drop", "--help"},
                new String[] {"drop", "list", "--help"},
                new String[] {"fdb", "flush", "-h"})) {
            Outcome help = run(words);
            assertEquals(0, help.exit(), help.toString());
            assertTrue(help.out().startsWith("Usage: peregrine"), help.toString());
            assertTrue(help.out().contains("--timeout"), help.toString());
        }
    }

    @Test
    void helpOfPortsSaysWhoseRxAndTxAre() {
        String help = run("port", "list", "--help").out().replaceAll("\\s+", " ");
        assertTrue(help.contains("RX is what the workload sent, TX is what it was given."), help);
        for (String state : List.of("up", "waiting", "failed")) assertTrue(help.contains(state + " ("), help);
    }

    @Test
    void checkPrintsTheSchemaWithoutAFile() throws IOException {
        Outcome outcome = run("check", "--schema");
        assertEquals(0, outcome.exit());
        JsonNode schema = Globals.mapper().readTree(outcome.out());
        assertEquals(
                "https://json-schema.org/draft/2020-12/schema",
                schema.get("$schema").asText());
        assertEquals(4789, schema.at("/$defs/underlay/properties/port/default").asInt());
    }

    @Test
    void checkSaysWhatIsWrongWithAFile() throws IOException {
        Path good = Files.writeString(
                folder.resolve("good.yaml"),
                "underlay: {local: 198.18.0.2}\nfastpath: {}\nvnis: [{vni: 42, flood: [198.18.0.1]}]\n");
        assertEquals(new Outcome(0, good + " is valid\n", ""), run("check", "--config", good.toString()));
        Outcome effective = run("check", "--config", good.toString(), "--effective");
        assertEquals(0, effective.exit());
        assertTrue(effective.out().startsWith("underlay:\n  local: 198.18.0.2\n  port: 4789\n"), effective.out());

        Path bad = Files.writeString(folder.resolve("bad.yaml"), "underlay:\n  local: 198.18.0.2\n  port: 0\nx: 1\n");
        String portError = bad + ":3: underlay.port: found 0; expected an integer from 1 to 65535\n";
        Outcome refused = run("check", "--config", bad.toString());
        assertEquals(2, refused.exit());
        assertEquals("", refused.out());
        assertTrue(refused.err().startsWith(portError + bad + ":4: x: found an unknown key; expected "), refused.err());
        assertEquals(refused.err(), run("run", "--config", bad.toString()).err());
        JsonNode report = Globals.mapper()
                .readTree(run("check", "--json", "--config", bad.toString()).out());
        assertEquals(List.of("valid", "errors", "warnings"), names(report));
        assertEquals(
                "{\"file\":\"" + bad + "\",\"line\":3,\"key\":\"underlay.port\",\"found\":\"0\","
                        + "\"expected\":\"an integer from 1 to 65535\"}",
                report.path("errors").path(0).toString());
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private Outcome gateway(String... words) {
        String[] all = new String[words.length + 2];
        all[0] = "--socket";
        all[1] = socket.toString();
        System.arraycopy(words, 0, all, 2, words.length);
        return run(all);
    }

    private static Outcome run(String... words) {
        return Outcome.of(words);
    }
}
