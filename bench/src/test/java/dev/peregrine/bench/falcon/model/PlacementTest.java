package dev.peregrine.bench.falcon.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.bench.chain.Chain;
import dev.peregrine.bench.chain.Setup;
import dev.peregrine.bench.chain.Traffic;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static final Traffic TRAFFIC = Traffic.of(1, 18);

    @Test
    void givesEachDeviceAnIdOfItsOwn() {
        var ids = Placement.spread(TRAFFIC, 2);
        assertEquals(Set.of("underlay", "vtep", "bridge", "port"), ids.keySet());
        assertEquals(4, Set.copyOf(ids.values()).size());
    }

    @Test
    void putsDevicesWhereItSays() throws LinuxException, InterruptedException {
        int cpu = CpuAffinity.current()[0];
        Setup setup = new Setup(cpu, TRAFFIC).cpus(List.of(cpu, cpu)).watchingOrder();
        try (Chain chain = new Chain(Mode.PIPELINED.applyTo(setup, TRAFFIC, 2))) {
            Chain.Interval interval = chain.measure(0.2);
            assertTrue(interval.delivered() > 0);
            assertEquals(0, interval.reordered());
            assertEquals(0, chain.counters(1, "vtep.decap").packets());
            assertEquals(0, chain.counters(0, "bridge.forward").packets());
            assertTrue(chain.counters(0, "vtep.decap").packets() > 0);
            assertTrue(chain.counters(1, "bridge.forward").packets() > 0);
            assertTrue(chain.counters(1, "port:port0.out").packets() > 0);
        }
    }
}
