package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the words of a command become the request that a gateway receives. */
class RequestsTest extends ClientTest {
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
        assertEquals(
                List.of(
                        "StateFilter[filter=[vni, 42, src, 198.19.0.0/24, proto, tcp]]",
                        "StateFilter[filter=[src, 02:00:00:00:00:01, port, 80]]",
                        "StateFilter[filter=null]"),
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
}
