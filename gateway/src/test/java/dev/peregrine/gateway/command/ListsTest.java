package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.gateway.command.client.Globals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How lists are chosen, sorted, shortened and fitted to a terminal, and the words of other tools that commands take.
 */
class ListsTest extends ClientTest {
    private static final String[] LISTS = {
        "vni", "port", "vtep", "drop", "worker", "stage", "fdb", "neighbour", "flow", "state"
    };

    private Outcome run(String line) {
        return gateway(line.split(" "));
    }

    private Outcome run(int width, String line) {
        return gateway(width, line.split(" "));
    }

    private static List<String> first(Outcome table) {
        assertEquals(0, table.exit(), table::toString);
        return table.out()
                .lines()
                .skip(1)
                .map(line -> line.strip().replaceFirst(" .*", ""))
                .toList();
    }

    @Test
    void rowsAreSortedByAColumn() {
        assertEquals(List.of("web", "app"), first(run("port list")));
        assertEquals(List.of("app", "web"), first(run("port list --sort name")));
        assertEquals(List.of("web", "app"), first(run("port list --sort rxPackets")));
        assertEquals(List.of("web", "app"), first(run("port list --sort rx-packets")));
        assertEquals(List.of("app", "web"), first(run("port list --sort reason")), "what is not there comes last");
        Outcome wrong = run("port list --sort nme");
        assertEquals(2, wrong.exit());
        assertTrue(wrong.err().startsWith("found nme; expected a column, one of name, vni, "), wrong::err);
        assertTrue(wrong.err().contains("(did you mean name?)"), wrong::err);
    }

    @Test
    void rowsAreChosenByTheirValues() {
        assertEquals(List.of("app"), first(run("port list state waiting")));
        assertEquals(List.of("web"), first(run("port list vni 42 link UP")));
        assertEquals(List.of("198.18.0.1"), first(run("vtep list vnis 43")), "one of several words");
        assertEquals(new Outcome(0, "", "the list is empty: port\n"), run("port list vni 43"));
        assertEquals(new Outcome(0, "[ ]\n", ""), run("port list vni 43 --json"));
        assertEquals(2, run("port list vni").exit());
        assertEquals(2, run("port list vni 42 vni 43").exit());
        assertEquals(2, run("port list colour red").exit());
    }

    @Test
    void theFirstRowsAreEnough() throws IOException {
        assertEquals(List.of("app"), first(run("port list --sort name --limit 1")));
        assertEquals(
                1,
                Globals.mapper()
                        .readTree(run("port list --limit 1 --json").out())
                        .size());
        assertEquals(2, run("port list --limit 0").exit());
    }

    @Test
    void dropsThatDidNotHappenAreHidden() throws IOException {
        assertEquals(List.of("VXLAN_VNI_NOT_FOUND", "UNDERLAY_REFUSED"), first(run("drop list")));
        assertEquals(List.of("VXLAN_VNI_NOT_FOUND", "UNDERLAY_REFUSED", "LINK_FULL"), first(run("drop list --all")));
        assertEquals(3, Globals.mapper().readTree(run("drop list --json").out()).size());
        assertEquals(List.of("UNDERLAY_REFUSED"), first(run("drop list lastVtep fd00::1")));
    }

    @Test
    void countsAreShortenedIfAsked() {
        assertTrue(run("drop list --human").out().contains(" 12.3k "));
        assertTrue(run("worker list --human").out().contains(" 123M "));
        assertTrue(run("vni list --human").out().contains("16777215  9000"), "which VNI, and the MTU, in full");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 80, 100, 132})
    void linesFitATerminal(int width) {
        for (String noun : LISTS) {
            Outcome table = run(width, noun + " list");
            assertEquals(0, table.exit(), table::toString);
            table.out().lines().forEach(line -> assertTrue(line.length() <= width, () -> width + ": " + line));
            assertTrue(table.out().lines().count() > 1, noun);
            assertEquals(
                    run(noun + " list").out(), run(width, noun + " list --wide").out());
        }
    }

    @Test
    void aTerminalIsToldWhatItDoesNotShow() {
        Outcome narrow = run(60, "port list");
        assertTrue(narrow.err().startsWith("not shown: ") && narrow.err().contains("ADDRESSES"), narrow::err);
        Outcome cut = run(90, "drop list lastVni 43");
        assertTrue(cut.out().contains("…") || cut.err().contains("TEXT"), cut::toString);
        assertTrue(!cut.out().contains("LAST ERROR"), "no row has one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vni", "port", "vtep", "drop", "worker", "stage", "fdb", "neighbour", "flow", "state"})
    void columnsAreInTheOrderOfTheJson(String noun) throws IOException {
        JsonNode row =
                Globals.mapper().readTree(run(noun + " list --json").out()).path(0);
        String header = run(noun + " list").out().lines().findFirst().orElseThrow();
        List<String> shown = Arrays.asList(header.strip().split(" {2,}"));
        List<String> fields = new ArrayList<>();
        row.fieldNames()
                .forEachRemaining(field -> fields.add(
                        field.equals("load")
                                ? "LOAD %"
                                : field.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT)));
        fields.retainAll(shown);
        assertEquals(shown, fields);
        for (JsonNode value : row)
            assertTrue(value.isValueNode(), () -> noun + ": rows are flat, and this is not: " + value);
    }

    @Test
    void wordsOfIpAndBridgeAreTaken() {
        for (String line : new String[] {
            "fdb add 02:00:00:00:00:0a dst 198.18.0.1 vni 42 permanent",
            "fdb add 02-00-00-00-00-0A dev vxlan42 dst 198.18.0.1 self static",
            "fdb add 0200.0000.000a vni 42 vtep 198.18.0.1 static",
            "fdb ad 02:00:00:00:00:0a dst 198.18.0.1 dev vni42 master permanent"
        }) {
            nouns.told.clear();
            assertEquals(new Outcome(0, "", ""), run(line), line);
            assertEquals(
                    List.of("add FdbAddition[mac=02:00:00:00:00:0a, vni=42, vtep=/198.18.0.1, port=null, isStatic=true,"
                            + " isSticky=false]"),
                    nouns.told);
        }
        nouns.told.clear();
        assertEquals(new Outcome(0, "", ""), run("fdb add 02:00:00:00:00:0a dev web"), "the VNI is the port's");
        assertTrue(nouns.told.getFirst().contains("vni=42, vtep=null, port=web"), nouns.told::toString);
        assertEquals(new Outcome(1, "", "there is no port nowhere\n"), run("fdb add 02:00:00:00:00:0a dev nowhere"));
        assertEquals(run("fdb list"), run("fdb show"));
        assertEquals(run("port list"), run("port show"));
    }

    @Test
    void floodListsAreEntriesOfZerosAsInBridgeFdb() {
        nouns.told.clear();
        for (String line : new String[] {
            "fdb append 00:00:00:00:00:00 dst 198.18.0.1 vni 42",
            "fdb add 00:00:00:00:00:00 dev vxlan42 dst 198.18.0.1 self permanent",
            "fdb del 00:00:00:00:00:00 dev vxlan42 dst 198.18.0.1"
        }) {
            assertEquals(new Outcome(0, "", ""), run(line), line);
        }
        String key = " RemoteKey[vni=42, vtep=/198.18.0.1]";
        assertEquals(List.of("flood add" + key, "flood add" + key, "flood del" + key), nouns.told);
        Outcome other = run("fdb append 02:00:00:00:00:01 dst 198.18.0.1 vni 42");
        assertEquals(2, other.exit());
        assertTrue(other.err().startsWith("found 02:00:00:00:00:01; expected 00:00:00:00:00:00, "), other::err);
        assertEquals(2, run("fdb append 00:00:00:00:00:00 vni 42").exit());
    }

    @Test
    void neighboursAreChangedInTheWordsOfIp() {
        nouns.told.clear();
        for (String line : new String[] {
            "neighbour add 198.19.0.7 lladdr 02:00:00:00:00:07 vni 42 nud permanent",
            "neigh replace [fd00::7] lladdr 02:00:00:00:00:07 dev vxlan42 permanent",
            "neighbor del fd00:0::7 dev vni42",
            "neigh show vni 42"
        }) {
            assertEquals(0, run(line).exit(), line);
        }
        assertEquals(
                List.of(
                        "add NeighbourAddition[address=/198.19.0.7, mac=02:00:00:00:00:07, vni=42]",
                        "replace NeighbourAddition[address=/fd00:0:0:0:0:0:0:7, mac=02:00:00:00:00:07, vni=42]",
                        "del NeighbourKey[address=/fd00:0:0:0:0:0:0:7, vni=42]",
                        "NeighbourFilter[vni=42]"),
                nouns.told);
        assertTrue(run("neigh add 198.19.0.7 vni 42").err().startsWith("found no lladdr; expected lladdr MAC\n"));
        assertEquals(
                2,
                run("neigh add 198.19.0.7 lladdr 02:00:00:00:00:07 vni 42 nud stale")
                        .exit());
        assertTrue(run("neigh add host vni 42").err().startsWith("found host; expected an IPv4 or IPv6 address\n"));
    }

    @Test
    void commandsAreAbbreviatedWhereOneIsMeant() {
        assertEquals(run("vni list"), run("vn l"));
        assertEquals(run("neighbour list"), run("nei li"));
        Outcome several = run("sta");
        assertEquals(2, several.exit());
        assertTrue(
                several.err().startsWith("there is no command sta (it may be stage, state, status)\n"), several::err);
        assertEquals(run("drop list --help"), run("help dro li"));
    }

    @Test
    void policiesAndConfigurationsAreJsonToo() throws IOException {
        assertEquals(
                "deny",
                Globals.mapper()
                        .readTree(run("policy show port web --json").out())
                        .at("/in/default")
                        .asText());
        Path file = Files.writeString(
                folder.resolve("good.yaml"), "underlay: {local: 198.18.0.2}\nvnis: [{vni: 42, flood: [198.18.0.1]}]\n");
        JsonNode effective = Globals.mapper()
                .readTree(run("check --effective --json --config " + file).out());
        assertEquals(4789, effective.at("/underlay/port").asInt());
        assertEquals(42, effective.at("/vnis/0/vni").asInt());
    }
}
