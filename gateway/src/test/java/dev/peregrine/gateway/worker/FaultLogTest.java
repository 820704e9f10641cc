package dev.peregrine.gateway.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FaultLogTest {
    private final FaultLog faults = new FaultLog();

    @Test
    void aTaskThatFailsWithAnErrorKeepsItsTimerAndTheTasksAfterIt() throws InterruptedException {
        AtomicInteger after = new AtomicInteger();
        Semaphore ran = new Semaphore(0);
        try (ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor()) {
            ScheduledFuture<?> ticks = control.scheduleWithFixedDelay(
                    () -> {
                        faults.run("threads", () -> {
                            throw new OutOfMemoryError("unable to create native thread");
                        });
                        faults.run("losses", after::incrementAndGet);
                        ran.release();
                    },
                    1,
                    1,
                    TimeUnit.MILLISECONDS);
            ran.acquire(3);
            assertFalse(ticks.isDone());
            ticks.cancel(false);
        }
        assertTrue(after.get() >= 3);
    }

    @Test
    void aContainedTaskReturnsNormally() {
        AtomicInteger runs = new AtomicInteger();
        Runnable task = faults.contain("learning", () -> {
            runs.incrementAndGet();
            throw new IllegalStateException("broken");
        });
        task.run();
        task.run();
        assertEquals(2, runs.get());
    }
}
