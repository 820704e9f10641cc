package dev.peregrine.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.testkit.FaultInjector.Faults;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaultInjectorTest {
    private static final int ITEMS = 10_000;
    private static final Faults MIXED = new Faults(0.01, 0.02, 0.05, 7);

    private final List<Integer> out = new ArrayList<>();

    private FaultInjector<Integer> run(Faults faults, long seed) {
        out.clear();
        FaultInjector<Integer> injector = new FaultInjector<>(faults, seed, out::add);
        IntStream.range(0, ITEMS).forEach(injector::accept);
        injector.flush();
        return injector;
    }

    @Test
    void passesEverythingOnWithoutFaults() {
        run(Faults.NONE, 1);
        assertEquals(IntStream.range(0, ITEMS).boxed().toList(), out);
    }

    @Test
    void accountsForEveryItem() {
        FaultInjector<Integer> injector = run(MIXED, 2);
        assertEquals(ITEMS - injector.lost() + injector.duplicated(), out.size());
        assertEquals(ITEMS - injector.lost(), new HashSet<>(out).size());
        assertEquals(100, (double) injector.lost(), 50);
        assertEquals(200, (double) injector.duplicated(), 70);
        assertTrue(injector.reordered() > 300, injector.reordered() + " reordered");
    }

    @Test
    void delaysByNoMoreThanTheDistance() {
        run(new Faults(0, 0, 0.05, 7), 3);
        int highest = -1;
        for (int i = 0; i < out.size(); i++) {
            int item = out.get(i);
            highest = Math.max(highest, item);
            // Others may be delayed at the same time, of which none comes in between.
            assertTrue(highest - item <= 2 * 7, "item " + item + " after " + highest);
        }
    }

    @Test
    void doesTheSameForTheSameSeed() {
        run(MIXED, 4);
        List<Integer> first = List.copyOf(out);
        run(MIXED, 4);
        assertEquals(first, out);
        run(MIXED, 5);
        assertNotEquals(first, out);
    }
}
