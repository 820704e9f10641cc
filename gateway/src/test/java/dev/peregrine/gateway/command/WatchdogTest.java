package dev.peregrine.gateway.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.gateway.control.Noun;
import dev.peregrine.gateway.metric.MetricSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** When signs are given, by a clock of the test: a service manager that waits for {@value #INTERVAL} seconds. */
class WatchdogTest {
    private static final int INTERVAL = 60;
    private static final int QUARTER = INTERVAL / Watchdog.ASKS;

    /** A gateway whose control thread and workers do what a test lets them. */
    private static final class Patient implements Gateway, Liveness {
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private final Queue<CompletableFuture<Void>> workers = new ArrayDeque<>();
        private long progress;
        private boolean controlIsBusy;
        private boolean workersAreStuck;

        void second() {
            while (!workersAreStuck && !workers.isEmpty()) workers.remove().complete(null);
            while (!controlIsBusy && !tasks.isEmpty()) tasks.remove().run();
        }

        @Override
        public Executor controlThread() {
            return tasks::add;
        }

        @Override
        public void awaitWorkers() {
            if (workersAreStuck) throw new IllegalStateException("a worker is stuck");
        }

        @Override
        public Liveness liveness() {
            return this;
        }

        @Override
        public long progress() {
            return progress;
        }

        @Override
        public CompletableFuture<Void> workersAnswer() {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            workers.add(answer);
            return answer;
        }

        @Override
        public String summary() {
            throw new AssertionError("not asked");
        }

        @Override
        public List<Noun> nouns() {
            return List.of();
        }

        @Override
        public String obstacle() {
            throw new AssertionError("not asked");
        }

        @Override
        public MetricSource metrics() {
            throw new AssertionError("not asked");
        }

        @Override
        public CompletableFuture<Void> ready() {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> ended() {
            return new CompletableFuture<>();
        }

        @Override
        public void hangUp() {}

        @Override
        public void close() {}
    }

    private final Patient gateway = new Patient();
    private int now;
    private int lastSign;
    private int signs;
    private int longestGap;
    private final Watchdog watchdog = new Watchdog(gateway, this::signed);

    private void signed() {
        signs++;
        longestGap = Math.max(longestGap, now - lastSign);
        lastSign = now;
    }

    private void pass(int seconds) {
        for (int end = now + seconds; now < end; now++) {
            if (now % QUARTER == 0) watchdog.ask();
            gateway.second();
        }
    }

    @Test
    void aGatewayThatAnswersSignsFourTimesInAnInterval() {
        pass(10 * INTERVAL);
        assertEquals(40, signs);
        assertEquals(QUARTER, longestGap);
    }

    @Test
    void stepsOfUpToTwoQuartersAreShortEnoughWhereverTheyFall() {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            for (int change = 0; change < 5; change++) {
                gateway.controlIsBusy = true;
                for (int step = 0; step < 10; step++) {
                    pass(1 + random.nextInt(2 * QUARTER));
                    gateway.progress++;
                }
                gateway.controlIsBusy = false;
                pass(random.nextInt(INTERVAL));
            }
            assertTrue(longestGap <= 3 * QUARTER, "seed " + seed + ": no sign for " + longestGap + " s");
        }
    }

    @Test
    void aControlThreadThatComesNoFurtherIsFoundInAnInterval() {
        pass(INTERVAL);
        gateway.controlIsBusy = true;
        gateway.progress++;
        pass(QUARTER); // which the last step of it is worth
        int before = signs;
        pass(10 * INTERVAL);
        assertEquals(before, signs, "the control thread is stuck, and comes no further");
        gateway.controlIsBusy = false;
        pass(1);
        assertEquals(before + 1, signs, "it is stuck no more");
    }

    @Test
    void workersThatAreStuckAreNotHiddenByAControlThreadThatComesFurther() {
        pass(INTERVAL);
        gateway.workersAreStuck = true;
        gateway.controlIsBusy = true;
        gateway.progress++;
        pass(QUARTER); // the workers had answered until then
        int before = signs;
        for (int second = 0; second < 10 * INTERVAL; second++) {
            gateway.progress++;
            pass(1);
        }
        assertEquals(before, signs, "the workers are stuck while a change goes on");
        gateway.workersAreStuck = false;
        for (int second = 0; second < INTERVAL; second++) {
            gateway.progress++;
            pass(1);
        }
        assertTrue(signs >= before + 3, "they are stuck no more, and were heard " + (signs - before) + " times");
    }

    @Test
    void workersThatAreStuckAreFoundByAControlThreadThatHasNothingToDo() {
        pass(INTERVAL);
        int before = signs;
        gateway.workersAreStuck = true;
        pass(10 * INTERVAL);
        assertEquals(before, signs);
    }
}
