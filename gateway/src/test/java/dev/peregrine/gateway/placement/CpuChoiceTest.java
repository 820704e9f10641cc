package dev.peregrine.gateway.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuChoiceTest {
    /** Receivers, separated by blanks, and how eight CPUs are ordered of which four are allowed or all. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // nothing known: from the highest number down
                "0-3 | '' | flat | -1 | 3 2 1 0",
                "1,5 | '' | flat | -1 | 5 1",
                // who receives is avoided
                "0-3 | 3 | flat | -1 | 2 1 0 3",
                "0-3 | 3 2 | flat | -1 | 1 0 3 2",
                "0-3 | 2-3 | flat | -1 | 1 0 3 2",
                // no choice: all receive, the only CPU does, or somebody may run anywhere
                "0-3 | 0 1 2 3 | flat | -1 | 3 2 1 0",
                "2 | 2 | flat | -1 | 2",
                "0-3 | 0-3 | flat | -1 | 3 2 1 0",
                "0-3 | 0-7 | flat | -1 | 3 2 1 0",
                // one who may run anywhere, and one who is bound
                "0-3 | 0-7 3 | flat | -1 | 2 1 0 3",
                // receivers outside the mask are in nobody's way
                "0-3 | 7 | flat | -1 | 3 2 1 0",
                // cores are 0 and 4, 1 and 5, ...; nodes are of CPUs 0, 1, 4, 5 and of 2, 3, 6, 7
                "0-7 | 7 | smt | -1 | 6 5 4 2 1 0 3 7",
                "0-3 | 7 | smt | -1 | 2 1 0 3",
                "0-7 | '' | smt | 0 | 5 4 1 0 7 6 3 2",
                "0-7 | 5 | smt | 0 | 4 0 7 6 3 2 1 5",
                "0-7 | 0 1 4 5 | smt | 0 | 7 6 3 2 5 4 1 0",
                // a node that no CPU is known to be on
                "0-3 | 3 | flat | 1 | 2 1 0 3",
            })
    void cpusAreOrdered(String allowed, String receivers, String topology, int node, String expected) {
        CpuChoice choice = choice(allowed, receivers, topology, node);
        assertEquals(
                expected,
                String.join(
                        " ",
                        Arrays.stream(choice.order()).mapToObj(String::valueOf).toList()));
    }

    /** Where a worker moves from its CPU that was started on another; -1 is nowhere. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // nobody receives there, or is bound
                "0-3 | '' | flat | 3 | 3 | 3 | -1",
                "0-3 | 0 | flat | 3 | 3 | 3 | -1",
                "0-3 | 0-3 | flat | 3 | 3 | 3 | -1",
                // a free CPU, not that of another worker
                "0-3 | 3 | flat | 3 | 3 | 3 | 2",
                "0-3 | 3 | flat | 3 | 3 | 2-3 | 1",
                "0-1 | 1 | flat | 1 | 1 | 1 | 0",
                "0-1 | 1 | flat | 1 | 1 | 0-1 | -1",
                "0-3 | 0 1 2 3 | flat | 3 | 3 | 3 | -1",
                // the node of its memory first, even on a core that receives
                "0-7 | 7 | smt | 7 | 7 | 7 | 6",
                "0-7 | 7 6 2 | smt | 7 | 7 | 7 | 3",
                "0-7 | 7 6 2 3 | smt | 7 | 7 | 7 | 5",
                "0-7 | 7 | smt | 7 | 0 | 7 | 5",
                // away from a core that receives, but not to another node
                "0-7 | 3 | smt | 7 | 7 | 7 | 6",
                "0-7 | 3 2 | smt | 7 | 7 | 7 | -1",
                // a CPU that was taken from the process
                "0-2 | '' | flat | 3 | 3 | 3 | 2",
                "0-2 | 0 1 2 | flat | 3 | 3 | 3 | 2",
                "0 | '' | flat | 3 | 3 | 0,3 | -1",
            })
    void workersMoveOutOfTheWay(
            String allowed, String receivers, String topology, int current, int home, String taken, int expected) {
        OptionalInt better =
                choice(allowed, receivers, topology, ReceivePath.ANY_NODE).better(current, home, list(taken));
        assertEquals(expected, better.orElse(-1));
    }

    @Test
    void reasonsNameWhoReceives() {
        CpuChoice choice = choice("0-6", "2", "smt", ReceivePath.ANY_NODE);
        assertEquals("receiver 2 runs on CPU 2", choice.reason(2));
        assertEquals("receiver 2 runs on the core of CPU 6", choice.reason(6));
        assertEquals("the process may no longer use CPU 7", choice.reason(7));
    }

    @Test
    void sharingTellsWhoMayRunThere() {
        ReceivePath path = path("2 1-2 0-3 0", ReceivePath.ANY_NODE);
        assertEquals(
                List.of("receiver 2", "receiver 1-2 (may run on CPUs 1-2)", "receiver 0-3 (may run on any CPU)"),
                path.sharing(2, list("0-3")));
        assertEquals(List.of("receiver 2"), path("2", ReceivePath.ANY_NODE).sharing(2, list("2")));
    }

    private static CpuChoice choice(String allowed, String receivers, String topology, int node) {
        return new CpuChoice(list(allowed), path(receivers, node), topology.equals("flat") ? CpuTopology.FLAT : smt());
    }

    private static ReceivePath path(String receivers, int node) {
        List<Receiver> all = Arrays.stream(receivers.split(" "))
                .filter(cpus -> !cpus.isEmpty())
                .map(cpus -> new Receiver("receiver " + cpus, list(cpus)))
                .toList();
        return new ReceivePath(all, List.of(), node);
    }

    private static CpuTopology smt() {
        Map<Integer, CpuSet> cores = new HashMap<>();
        Map<Integer, Integer> nodes = new HashMap<>();
        for (int cpu = 0; cpu < 8; cpu++) {
            cores.put(cpu, CpuSet.of(cpu & 3, (cpu & 3) + 4));
            nodes.put(cpu, (cpu & 3) >> 1);
        }
        return new CpuTopology(cores, nodes);
    }

    private static CpuSet list(String cpus) {
        return CpuSet.parseList(cpus).orElseThrow();
    }
}
