package dev.peregrine.gateway.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.gateway.config.model.WorkersConfig.Idle;
import io.netty.channel.SelectStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleStrategyTest {
    private static final int READY = 3;
    private static final long TURN_ENDED = 1_000_000;

    private long nowNanos;

    /** Few packets may be a question, whose answer follows soon; what comes in bulk pays for its wake-up. */
    @ParameterizedTest
    @CsvSource({
        "ADAPTIVE, false, 49999, true",
        "ADAPTIVE, false, 50000, false",
        "ADAPTIVE, true, 0, false",
        "SPIN, true, 1000000, true",
        "BLOCK, false, 0, false"
    })
    void staysAwakeAsTheModeSays(Idle mode, boolean bulk, long laterNanos, boolean awake) throws Exception {
        IdleStrategy idle = new IdleStrategy(mode, () -> nowNanos);
        idle.worked(TURN_ENDED, bulk);
        nowNanos = TURN_ENDED + laterNanos;
        assertEquals(awake ? READY : SelectStrategy.SELECT, idle.calculateStrategy(() -> READY, false));
    }

    @Test
    void runsTasksFirst() throws Exception {
        IdleStrategy idle = new IdleStrategy(Idle.BLOCK, () -> nowNanos);
        idle.worked(TURN_ENDED, true);
        assertEquals(READY, idle.calculateStrategy(() -> READY, true));
    }
}
