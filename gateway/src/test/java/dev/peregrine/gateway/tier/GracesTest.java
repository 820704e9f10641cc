package dev.peregrine.gateway.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.worker.FaultLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GracesTest {
    private static final int REFUSALS = 2;
    private static final long LIMIT_SECONDS = 20;

    private static LinuxException refused() {
        return new LinuxException("wait", "grace period", Errno.ENOMEM, "as a kernel without memory");
    }

    @Test
    void aWaitThatTheKernelRefusesIsRepeatedUntilItsTaskHasRun() throws Exception {
        AtomicInteger waits = new AtomicInteger();
        List<String> run = new ArrayList<>();
        CountDownLatch both = new CountDownLatch(2);
        Graces.Grace refusesAtFirst = () -> {
            if (waits.incrementAndGet() <= REFUSALS) {
                throw refused();
            }
        };
        try (ExecutorService control = Executors.newSingleThreadExecutor();
                Graces graces = new Graces(refusesAtFirst, control, new FaultLog())) {
            for (String each : List.of("first", "second")) {
                graces.after(() -> {
                    run.add(each + " behind " + waits);
                    both.countDown();
                });
            }
            assertTrue(both.await(LIMIT_SECONDS, TimeUnit.SECONDS), () -> waits + " waits");
        }
        assertEquals(REFUSALS + 2, waits.get());
        assertTrue(run.getFirst().startsWith("first") && run.getLast().startsWith("second"), run::toString);
    }

    @Test
    void aWaitThatTheKernelRefusesEndsWithTheTier() throws Exception {
        CountDownLatch refusals = new CountDownLatch(1);
        AtomicInteger run = new AtomicInteger();
        try (ExecutorService control = Executors.newSingleThreadExecutor()) {
            Graces graces = new Graces(
                    () -> {
                        refusals.countDown();
                        throw refused();
                    },
                    control,
                    new FaultLog());
            graces.after(run::incrementAndGet);
            assertTrue(refusals.await(LIMIT_SECONDS, TimeUnit.SECONDS));
            graces.close();
        }
        assertEquals(0, run.get());
    }
}
