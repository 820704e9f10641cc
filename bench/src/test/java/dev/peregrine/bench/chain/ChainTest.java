package dev.peregrine.bench.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.stage.Instruments;
import dev.peregrine.dataplane.stage.Sink;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ChainTest {
    private static final double SECONDS = 0.05;

    private final int cpu = CpuAffinity.current()[0];

    ChainTest() throws LinuxException {}

    @Test
    void carriesEveryPacketInOrder() throws InterruptedException {
        try (Chain chain = new Chain(new Setup(cpu, Traffic.of(10, 18)).watchingOrder())) {
            Chain.Interval interval = chain.measure(SECONDS);
            assertTrue(interval.delivered() > 0);
            assertEquals(0, interval.dropped());
            assertEquals(0, interval.reordered());
        }
    }

    @Test
    void mergesWhatArrivesTogether() throws InterruptedException {
        try (Chain chain = new Chain(new Setup(cpu, new Traffic(Devices.FIRST_VNI, 1, 1354, 32)))) {
            chain.measure(SECONDS);
            chain.stop();
            long packets = chain.counters(0, "vtep.decap").packets();
            assertEquals(32 * packets, chain.counters(0, "vtep.decap").segments());
        }
    }

    @Test
    void keepsThePaceAndTakesTimes() throws InterruptedException {
        double rate = 20_000;
        Setup setup = new Setup(cpu, Traffic.of(1, 18))
                .pace(flows -> Pace.perSecond(rate, System.nanoTime()))
                .takingTimes();
        try (Chain chain = new Chain(setup)) {
            Chain.Interval interval = chain.measure(SECONDS);
            Histogram latency = chain.stop();
            assertNotNull(latency);
            assertTrue(latency.getTotalCount() > 0);
            assertTrue(interval.delivered() + interval.lost() <= 2 * rate * interval.seconds() + MemorySource.RING);
        }
    }

    @Test
    void seesWhatIsOvertaken() throws InterruptedException {
        // The 64 packets of a batch, turned round: all but the first of each are overtaken.
        Instruments turned = new Instruments() {
            @Override
            public Sink sink(String name, Sink sink) {
                return name.startsWith("endpoint:") ? new Turned(sink) : sink;
            }
        };
        try (Chain chain =
                new Chain(new Setup(cpu, Traffic.of(1, 18)).watchingOrder().instruments(turned))) {
            assertTrue(chain.measure(SECONDS).reordered() > 0);
        }
    }

    @Test
    void clocksAroundStagesKeepNoPacketFromTheFlowCache() throws InterruptedException {
        Setup setup = new Setup(cpu, Traffic.of(10, 18)).flowCache(64).instruments(new StageTimes());
        try (Chain chain = new Chain(setup)) {
            chain.measure(SECONDS);
            assertTrue(chain.flows(0).hits() > 0);
        }
    }
}
