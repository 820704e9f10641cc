package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SteeringTest {
    private static final int HERE = 99;

    @Test
    void hashesAsTheKernelDoes() {
        // hash_32(1, 16) and hash_32(0xdeadbeef, 16) of include/linux/hash.h
        assertEquals(0x61C8, Steering.hash32(1));
        assertEquals((int) ((0xdeadbeefL * 0x61C88647L & 0xffff_ffffL) >> 16), Steering.hash32(0xdeadbeef));
        assertEquals(0, Steering.hash32(0));
    }

    @Test
    void takesTheFirstChoiceWhileItIsNotBusy() {
        Steering steering = steering(4, true);
        for (int flow = 0; flow < 100; flow++) {
            assertEquals(Steering.hash32(flow + 3) % 4, steering.worker(flow, 3, steering.path(), HERE));
        }
    }

    @Test
    void takesTheSecondChoiceEvenIfItIsBusy() {
        Steering steering = steering(4, true);
        LoadMeter loads = loads(4, 90, 0, 0, 0);
        steering.update(loads);
        boolean secondIsBusyToo = false;
        for (int flow = 0; flow < 1000; flow++) {
            int hash = Steering.hash32(flow + 3);
            int expected = hash % 4 == 0 ? Steering.hash32(hash) % 4 : hash % 4;
            assertEquals(expected, steering.worker(flow, 3, steering.path(), HERE));
            secondIsBusyToo |= hash % 4 == 0 && expected == 0;
        }
        assertTrue(secondIsBusyToo);
    }

    @Test
    void isBusyFromTheThresholdOn() {
        Steering steering = steering(2, true);
        steering.update(loads(2, 79, 0));
        assertEquals(0, steering.path());
        steering.update(loads(2, 80, 0));
        assertEquals(1, steering.path());
    }

    @Test
    void staysWhileTheMeanLoadIsAtTheThreshold() {
        Steering steering = steering(2, false);
        steering.update(loads(2, 96, 63));
        assertEquals(0, steering.path(), "a mean below the threshold, and static never looks at one worker");
        steering.update(loads(2, 96, 64));
        assertEquals(Steering.HOME, steering.path());
        assertEquals(HERE, steering.worker(1, 3, steering.path(), HERE));
    }

    @Test
    void idsThatDifferByTwoSpreadMostFlowsOverTwoWorkers() {
        Steering steering = steering(2, false);
        Random random = new Random(7);
        int different = 0;
        for (int i = 0; i < 10_000; i++) {
            int flow = random.nextInt();
            if (steering.worker(flow, 3, 0, HERE) != steering.worker(flow, 5, 0, HERE)) {
                different++;
            }
        }
        assertTrue(different > 9_000, () -> "the paper's hash gives 95%");
    }

    @Test
    void runsDevicesOnlyOnTheWorkersItIsGiven() {
        Steering steering = new Steering(new int[] {2, 5}, 80, true);
        for (int flow = 0; flow < 100; flow++) {
            int worker = steering.worker(flow, 1, 0, HERE);
            assertTrue(worker == 2 || worker == 5);
        }
    }

    @Test
    void loadReadsAsFalconsDoes() {
        LoadMeter meter = new LoadMeter(1);
        int[] expected = {20, 36, 48, 58, 66, 72, 77, 81};
        for (int percent : expected) {
            meter.sample(0, 100);
            assertEquals(percent, meter.percent(0));
        }
        for (int i = 0; i < 100; i++) {
            meter.sample(0, 100);
        }
        assertEquals(96, meter.percent(0));
    }

    @Test
    void loadIsTheShareOfTimeThatWasBusy() {
        LoadMeter meter = new LoadMeter(2);
        meter.sample(1_000, new long[] {0, 0});
        meter.sample(2_000, new long[] {500, 5_000});
        assertEquals(10, meter.percent(0));
        assertEquals(20, meter.percent(1), "never more than all of the time");
    }

    @Test
    void refusesOneIdForTwoKindsOfDevices() {
        Map<String, Integer> ids = Map.of("vtep", 3, "bridge", 3);
        assertThrows(
                IllegalArgumentException.class,
                () -> new Schedule.Pipelined(Schedule.Balance.STATIC, 80, false, true, List.of(), ids));
    }

    private static Steering steering(int workers, boolean twoChoices) {
        int[] all = new int[workers];
        for (int i = 0; i < workers; i++) {
            all[i] = i;
        }
        return new Steering(all, 80, twoChoices);
    }

    /** A meter that reads the given loads. */
    private static LoadMeter loads(int workers, int... percent) {
        LoadMeter meter = new LoadMeter(workers);
        for (int i = 0; i < workers; i++) {
            meter.sample(i, 5 * percent[i]);
            assertEquals(percent[i], meter.percent(i));
        }
        return meter;
    }
}
