package dev.peregrine.bench.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WeightsTest {
    @Test
    void dividesASumByShares() {
        Weights weights = Weights.shares(870, 36, 31, 20);
        assertEquals(180, weights.underlayNanos(), 1e-9);
        assertEquals(180, weights.vtepNanos(), 1e-9);
        assertEquals(310, weights.bridgeNanos(), 1e-9);
        assertEquals(200, weights.portNanos(), 1e-9);
        assertEquals(870, weights.sumNanos(), 1e-9);
    }
}
