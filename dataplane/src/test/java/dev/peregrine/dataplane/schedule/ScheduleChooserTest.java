package dev.peregrine.dataplane.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.schedule.ScheduleChooser.Choice;
import dev.peregrine.dataplane.schedule.ScheduleChooser.Measured;
import org.junit.jupiter.api.Test;

class ScheduleChooserTest {
    private static final double[] BALANCED = {500, 500, 500};

    private final ScheduleChooser chooser = new ScheduleChooser(80);

    @Test
    void staysWithOneWorkerWhileNoneIsBusy() {
        evaluate(10, new Measured(2, 60, 30, 1e6, 250, 250, BALANCED));
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice());
        assertEquals("no worker is busy: 60% at most", chooser.reason());
    }

    @Test
    void staysWithOneWorkerWhileAllAreBusy() {
        evaluate(10, new Measured(2, 96, 90, 1e6, 250, 250, BALANCED));
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice());
        assertEquals("all workers are busy: 90% on average", chooser.reason());
    }

    @Test
    void pipelinesABalancedChainWhenOneWorkerIsBusyForAWhile() {
        Measured busy = new Measured(2, 96, 50, 1e6, 250, 250, BALANCED);
        evaluate(2, busy);
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice(), "one moment is not enough");
        evaluate(1, busy);
        assertEquals(Choice.PIPELINED, chooser.choice());
        assertTrue(chooser.reason().contains("receive 250 ns, coalesce 250, then 500, 500, 500"), chooser::reason);
    }

    @Test
    void doesNotPipelineStagesThatCostLessThanTheirHandOff() {
        evaluate(10, new Measured(2, 96, 50, 1e6, 280, 20, new double[] {20, 20, 10}));
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice());
    }

    @Test
    void splitsWhenReceivingIsMostOfTheWork() {
        evaluate(3, new Measured(4, 96, 30, 1e6, 1000, 1000, new double[] {200, 200, 100}));
        assertEquals(Choice.SPLIT, chooser.choice());
    }

    @Test
    void goesBackWhenItIsSlowerAndDoesNotTryAgainSoon() {
        evaluate(3, new Measured(2, 96, 50, 1e6, 250, 250, BALANCED));
        evaluate(2, new Measured(2, 96, 70, 0.9e6, 250, 250, BALANCED));
        assertEquals(Choice.PIPELINED, chooser.choice(), "not before it has settled");
        evaluate(1, new Measured(2, 96, 70, 0.9e6, 250, 250, BALANCED));
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice());
        assertEquals("pipelined was tried and gave 900000 packets/s in place of 1000000", chooser.reason());
        evaluate(20, new Measured(2, 96, 50, 1e6, 250, 250, BALANCED));
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice());
    }

    @Test
    void keepsWhatIsFaster() {
        evaluate(3, new Measured(2, 96, 50, 1e6, 250, 250, BALANCED));
        evaluate(50, new Measured(2, 90, 85, 1.7e6, 250, 250, BALANCED));
        assertEquals(Choice.PIPELINED, chooser.choice());
    }

    @Test
    void goesBackWhenLoadHasGoneForGood() {
        evaluate(3, new Measured(2, 96, 50, 1e6, 250, 250, BALANCED));
        evaluate(9, new Measured(2, 10, 5, 1e3, 250, 250, BALANCED));
        assertEquals(Choice.PIPELINED, chooser.choice());
        evaluate(1, new Measured(2, 10, 5, 1e3, 250, 250, BALANCED));
        assertEquals(Choice.RUN_TO_COMPLETION, chooser.choice());
    }

    private void evaluate(int times, Measured measured) {
        for (int i = 0; i < times; i++) {
            chooser.evaluate(measured);
        }
    }
}
