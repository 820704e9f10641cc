package dev.peregrine.gateway.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class HelperUseTest {
    private static final long MANY = 100_000;

    private final HelperUse use = new HelperUse();
    private long udp;
    private long tcp;

    private void pass(int seconds, long moreUdp, long moreTcp) {
        for (int i = 0; i < seconds; i++) {
            udp += moreUdp;
            tcp += moreTcp;
            use.second(udp, tcp);
        }
    }

    @Test
    void saysSoWhereUdpComesMergedForTenSeconds() {
        pass(9, MANY, MANY / 5);
        assertNull(use.advice());
        pass(1, MANY, MANY / 5);
        assertEquals(HelperUse.MOSTLY_UDP, use.advice());
    }

    @Test
    void takesItBackWhereTcpComesForTenSeconds() {
        pass(10, MANY, 0);
        pass(9, 0, MANY);
        assertEquals(HelperUse.MOSTLY_UDP, use.advice());
        pass(1, MANY, MANY);
        assertNull(use.advice());
    }

    @Test
    void aSecondOfTheOtherKindBeginsAnew() {
        for (int i = 0; i < 10; i++) {
            pass(9, MANY, 0);
            pass(1, 0, MANY);
        }
        assertNull(use.advice());
    }

    @Test
    void fewPacketsSayNothing() {
        pass(100, 9_999, 0);
        assertNull(use.advice());
        pass(9, MANY, 0);
        pass(100, 0, 9_999);
        pass(1, MANY, 0);
        assertEquals(HelperUse.MOSTLY_UDP, use.advice());
    }
}
