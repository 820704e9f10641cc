package dev.peregrine.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.config.WorkersConfig.Idle;
import io.netty.channel.SelectStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleStrategyTest {
    private static final int READY = 3;

    /** In the future, since what it is compared to is the clock. */
    private static final long SOON = 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({"ADAPTIVE, 1, 3", "ADAPTIVE, 7, 3", "ADAPTIVE, 0, 3", "SPIN, 64, 3", "BLOCK, 1, -1"})
    void sleepsAsTheModeSays(Idle mode, int wirePackets, int expected) throws Exception {
        IdleStrategy idle = new IdleStrategy(mode);
        idle.worked(System.nanoTime() + SOON, wirePackets);
        assertEquals(expected, idle.calculateStrategy(() -> READY, false));
    }

    /** What comes in bulk pays for its wake-up, and whoever brings it may wait for the CPU. */
    @Test
    void sleepsAtOnceAfterManyPackets() throws Exception {
        IdleStrategy idle = new IdleStrategy(Idle.ADAPTIVE);
        idle.worked(System.nanoTime(), 8);
        assertEquals(SelectStrategy.SELECT, idle.calculateStrategy(() -> READY, false));
    }

    @Test
    void runsTasksFirst() throws Exception {
        IdleStrategy idle = new IdleStrategy(Idle.BLOCK);
        idle.worked(System.nanoTime(), 64);
        assertEquals(READY, idle.calculateStrategy(() -> READY, true));
    }
}
