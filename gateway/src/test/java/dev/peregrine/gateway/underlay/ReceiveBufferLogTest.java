package dev.peregrine.gateway.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class ReceiveBufferLogTest {
    private static final long WANTED = 8 << 20;

    private final ReceiveBufferLog log = new ReceiveBufferLog();

    @Test
    void tellsOnceOfABufferThatIsTooSmall() {
        assertNull(log.news(0, WANTED), "no socket yet");
        assertEquals(
                "the kernel grants each underlay socket a receive buffer of 4096 KiB, not the 8192 KiB of"
                        + " underlay.receiveBuffer: bursts are lost earlier (UNDERLAY_RECEIVE_OVERFLOW); run with"
                        + " CAP_NET_ADMIN, or set net.core.rmem_max to 8388608",
                log.news(4 << 20, WANTED));
        assertNull(log.news(4 << 20, WANTED));
        assertNull(log.news(0, WANTED), "the underlay is waiting");
        assertNull(log.news(4 << 20, WANTED), "as before");
    }

    @Test
    void tellsNothingOfABufferThatIsGranted() {
        assertNull(log.news((int) WANTED, WANTED));
        assertNull(log.news(16 << 20, WANTED));
    }
}
