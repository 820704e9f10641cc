package dev.peregrine.gateway.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MovesTest {
    private static final CpuSet ALLOWED = CpuSet.of(0, 1, 2, 3);

    private final int[] cpus = {3, 2};
    private final Moves moves = new Moves(cpus);
    private long seconds;

    @Test
    void aMoveMustBeWantedTwice() {
        assertEquals(Optional.empty(), look(3));
        assertEquals(Optional.of(move(0, 3, 1)), look(3));
    }

    @Test
    void whoComesAndGoesIsNotFled() {
        for (int i = 0; i < 10; i++) {
            assertEquals(Optional.empty(), look(3));
            assertEquals(Optional.empty(), look(0));
        }
    }

    @Test
    void whoIsInAnotherWorkersWayMustStayTwiceToo() {
        assertEquals(Optional.empty(), look(3));
        assertEquals(Optional.empty(), look(2));
        assertEquals(Optional.of(move(1, 2, 1)), look(2));
    }

    @Test
    void aMinuteLiesBetweenTwoMoves() {
        look(3);
        assertEquals(Optional.of(move(0, 3, 1)), look(3));
        cpus[0] = 1;
        for (int i = 0; i < 11; i++) {
            assertEquals(Optional.empty(), look(1));
        }
        assertEquals(Optional.of(move(0, 1, 3)), look(1));
    }

    @Test
    void oneWorkerMovesAtATime() {
        assertEquals(Optional.empty(), look(2, 3));
        assertEquals(Optional.of(new Moves.Move(0, 3, 1, "IRQ 3 runs on CPU 3")), look(2, 3));
        cpus[0] = 1;
        assertEquals(Optional.empty(), look(2, 3));
        seconds += 60;
        assertEquals(Optional.of(new Moves.Move(1, 2, 0, "IRQ 2 runs on CPU 2")), look(2, 3));
    }

    /** Every five seconds. */
    private Optional<Moves.Move> look(int... receiving) {
        seconds += 5;
        List<Receiver> receivers = Arrays.stream(receiving)
                .mapToObj(cpu -> new Receiver("IRQ " + cpu, CpuSet.of(cpu)))
                .toList();
        ReceivePath path = new ReceivePath(receivers, List.of(), ReceivePath.ANY_NODE);
        CpuChoice choice = new CpuChoice(ALLOWED, path, CpuTopology.FLAT);
        return moves.look(choice, cpus, TimeUnit.SECONDS.toNanos(seconds));
    }

    private static Moves.Move move(int worker, int from, int to) {
        return new Moves.Move(worker, from, to, "IRQ " + from + " runs on CPU " + from);
    }
}
