package dev.peregrine.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private final Sequences sequences = new Sequences(2);

    private void count(long... numbers) {
        for (long number : numbers) sequences.count(0, number);
    }

    @Test
    void missesNothingInOrder() {
        count(0, 1, 2, 3);
        assertEquals(4, sequences.packets(0));
        assertEquals(0, sequences.lost());
        assertEquals(0, sequences.reordered());
    }

    @Test
    void missesTheNumbersOfAGap() {
        count(0, 1, 5);
        assertEquals(3, sequences.lost(0));
    }

    @Test
    void tellsLateFromLost() {
        count(0, 3, 1);
        assertEquals(1, sequences.lost(0));
        assertEquals(1, sequences.reordered(0));
        assertEquals(2, sequences.farthest());
    }

    @Test
    void tellsDuplicatesFromLate() {
        count(0, 1, 2, 1, 2);
        assertEquals(2, sequences.duplicates(0));
        assertEquals(0, sequences.reordered(0));
        assertEquals(0, sequences.lost(0));
    }

    @Test
    void skipsWhatWasSentBeforeItListened() {
        count(100, 101);
        assertEquals(0, sequences.lost());
        assertEquals(100, sequences.skipped());
    }

    @Test
    void missesWhatItSkippedOnceSomethingOlderComes() {
        count(10, 11, 7);
        assertEquals(2, sequences.lost(0));
        assertEquals(7, sequences.skipped());
        assertEquals(1, sequences.reordered(0));
    }

    @Test
    void keepsFlowsApart() {
        count(0, 4);
        sequences.count(1, 0);
        sequences.count(1, 1);
        assertEquals(3, sequences.lost(0));
        assertEquals(0, sequences.lost(1));
    }

    @Test
    void forgetsAFlowButNotTheTotals() {
        count(0, 4);
        sequences.clear(0);
        count(20, 21);
        assertEquals(0, sequences.lost(0));
        assertEquals(3, sequences.lost());
    }

    /** Within the window the account is exact: it agrees with a set of all numbers that came. */
    @Test
    void agreesWithASetUnderLossDuplicationAndReordering() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int world = 0; world < 200; world++) {
            Sequences account = new Sequences(1);
            Set<Long> seen = new HashSet<>();
            long duplicates = 0;
            for (long number : disturbed(random)) {
                account.count(0, number);
                if (!seen.add(number)) duplicates++;
            }
            long first = seen.stream().mapToLong(Long::longValue).min().orElseThrow();
            long last = seen.stream().mapToLong(Long::longValue).max().orElseThrow();
            String where = "seed " + seed + " world " + world;
            assertEquals(last - first + 1 - seen.size(), account.lost(0), where);
            assertEquals(duplicates, account.duplicates(0), where);
            assertEquals(first, account.skipped(), where);
            assertEquals(account.lost(0), account.lost(), where);
        }
    }

    private static List<Long> disturbed(Random random) {
        List<Long> numbers = new ArrayList<>();
        for (long number = random.nextInt(5); numbers.size() < 500; number++) {
            if (random.nextInt(10) == 0) continue;
            numbers.add(number);
            if (random.nextInt(20) == 0) numbers.add(number);
        }
        for (int i = 0; i + 50 < numbers.size(); i++) {
            if (random.nextInt(8) == 0) numbers.add(i + random.nextInt(50), numbers.remove(i));
        }
        return numbers;
    }
}
