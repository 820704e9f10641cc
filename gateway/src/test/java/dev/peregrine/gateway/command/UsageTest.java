package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that are wrong: exit 2, a message, and the line that says how the command is written. */
class UsageTest {
    private static final String FDB_ADD =
            "usage: peregrine fdb add MAC vni N (vtep IP | port NAME) [static | sticky] (see peregrine fdb add --help)";
    private static final String FDB_LIST =
            "usage: peregrine fdb list [vni N] [--sort COLUMN] [--limit N] [--wide] [--human]"
                    + " (see peregrine fdb list --help)";
    private static final String FDB =
            "usage: peregrine fdb (add | append | del | flush | list | replace) (see peregrine fdb --help)";
    private static final String PROGRAM = "usage: peregrine COMMAND (see peregrine --help)";

    @Test
    void wordsThatDoNotFit() {
        assertUsage("found nonsense; expected a unicast MAC address", FDB_ADD, "fdb", "add", "nonsense");
        assertUsage("found nothing; expected a MAC address", FDB_ADD, "fdb", "add");
        assertUsage("found no vni; expected vni N", FDB_ADD, "fdb", "add", "02:00:00:00:00:0a", "vtep", "198.18.0.1");
        assertUsage(
                "found neither vtep nor port; expected one of the two",
                FDB_ADD,
                "fdb",
                "add",
                "02:00:00:00:00:0a",
                "vni",
                "1");
        assertUsage("found 16777216; expected a VNI from 0 to 16777215", FDB_LIST, "fdb", "list", "vni", "16777216");
        assertUsage("found nothing; expected a VNI", FDB_LIST, "fdb", "list", "vni");
        assertUsage("found all; expected one of vni", FDB_LIST, "fdb", "list", "all");
        assertUsage("vni is given twice", FDB_LIST, "fdb", "list", "vni", "1", "vni", "2");
        assertUsage(
                "found host; expected an IPv4 or IPv6 address",
                "usage: peregrine fdb flush [vni N] [port NAME] [vtep IP] [dynamic] [static] (see peregrine fdb flush --help)",
                "fdb",
                "flush",
                "dst",
                "host");
        assertUsage(
                "found nothing; expected a rule",
                "usage: peregrine policy add (vni N | port NAME) (in | out) RULE [before NAME] [--end-flows]"
                        + " (see peregrine policy add --help)",
                "policy",
                "add",
                "vni",
                "1",
                "in");
    }

    @Test
    void commandsThatThereAreNot() {
        assertUsage("there is no command stauts (did you mean status?)", PROGRAM, "stauts");
        assertUsage("there is no command tunnel", PROGRAM, "tunnel");
        assertUsage("there is no command tunnel", PROGRAM, "--timeout", "7", "tunnel", "list");
        assertUsage("there is no command tunnel", PROGRAM, "tunnel", "--help");
        assertUsage("there is no command stauts (did you mean status?)", PROGRAM, "--help", "stauts");
        assertUsage("there is no command fdb lst (did you mean list?)", FDB, "fdb", "lst", "--help");
        assertUsage("found no command; expected one of add, append, del, flush, list, replace", FDB, "fdb");
        Outcome nothing = Outcome.of();
        assertEquals(2, nothing.exit());
        assertTrue(
                nothing.err()
                        .startsWith(
                                "found no command; expected one of bench, capture, check, completion, control, doctor, "),
                nothing::err);
        assertTrue(nothing.err().endsWith(PROGRAM + "\n"), nothing::err);
    }

    @Test
    void benchIsNotInTheProduct() {
        String message =
                "bench is not in this installation; a checkout of the project has it: scripts/peregrine bench\n";
        for (String words : new String[] {"bench", "bench E1 E5", "bench all --quick --out results", "--json bench"}) {
            assertEquals(new Outcome(2, "", message), Outcome.of(words.split(" ")));
        }
        Outcome help = Outcome.of("bench", "--help");
        assertEquals(0, help.exit(), help::err);
        assertTrue(help.out().contains("Not in this installation"), help::out);
    }

    @Test
    void optionsThatThereAreNot() {
        String status = "usage: peregrine status (see peregrine status --help)";
        assertUsage("there is no option --jsn (did you mean --json?)", status, "status", "--jsn");
        assertUsage("found more; expected nothing more", status, "status", "more");
        for (String command : new String[] {"run", "check"}) {
            assertEquals(new Outcome(2, "", "found no configuration; expected --config FILE\n"), Outcome.of(command));
        }
        assertEquals(
                new Outcome(2, "", "--timeout: expected seconds, more than 0 and at most 86400\n"),
                Outcome.of("status", "--timeout", "0"));
        assertEquals(
                new Outcome(2, "", "--socket: found nothing; expected a path\n"), Outcome.of("status", "--socket", ""));
        assertEquals(2, Outcome.of("status", "--timeout", "abc").exit());
    }

    private static void assertUsage(String message, String usage, String... words) {
        assertEquals(new Outcome(2, "", message + "\n" + usage + "\n"), Outcome.of(words));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fdb", "fdb add", "status", "policy test", "help"})
    void helpIsACommandToo(String command) {
        Outcome option = Outcome.of((command + " --help").split(" "));
        assertEquals(0, option.exit(), option::err);
        assertEquals(option, Outcome.of(("help " + command).split(" ")));
    }

    @Test
    void helpOfTheProgramAndOfNothing() {
        assertEquals(Outcome.of("--help"), Outcome.of("help"));
        Outcome unknown = Outcome.of("help", "fdb", "lst");
        assertEquals(2, unknown.exit());
        assertTrue(unknown.err().startsWith("there is no command fdb lst (did you mean list?)\n"), unknown::err);
    }
}
