package dev.peregrine.dataplane.endpoint.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Offload;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TapOffloadSwitchesTest {
    private static final Set<TapOffload> ALL = EnumSet.allOf(TapOffload.class);

    private final TapOffloadSwitches switches = new TapOffloadSwitches(ALL, ALL, TapCheck.none());

    private void refuse(TapOffload offload) {
        switches.switchOff(offload, -Errno.EIO, 5);
    }

    private int ticksUntilOn(TapOffload offload) {
        int ticks = 0;
        while (!switches.isOn(offload)) {
            assertTrue(switches.hasRefused());
            switches.tick();
            ticks++;
        }
        return ticks;
    }

    @Test
    void aRefusedOffloadIsTriedAgainLaterAndLater() {
        assertFalse(switches.hasRefused());
        for (int expected = TapOffloadSwitches.FIRST_TICKS; expected < TapOffloadSwitches.LAST_TICKS; expected *= 2) {
            refuse(TapOffload.TSO4);
            assertTrue(switches.isOn(TapOffload.TSO6), "others stay on");
            assertEquals(expected, ticksUntilOn(TapOffload.TSO4));
            assertFalse(switches.hasRefused());
        }
        for (int i = 0; i < 3; i++) {
            refuse(TapOffload.TSO4);
            assertEquals(TapOffloadSwitches.LAST_TICKS, ticksUntilOn(TapOffload.TSO4));
        }
    }

    @Test
    void othersComeBackWithTheChecksumThatTheyNeed() {
        refuse(TapOffload.CHECKSUM);
        for (TapOffload offload : TapOffload.values()) {
            assertFalse(switches.isOn(offload), offload::name);
        }
        assertEquals(TapOffloadSwitches.FIRST_TICKS, ticksUntilOn(TapOffload.CHECKSUM));
        for (TapOffload offload : TapOffload.values()) {
            assertTrue(switches.isOn(offload), offload::name);
        }
    }

    @Test
    void whatWasNeverWantedStaysOff() {
        TapOffloadSwitches none = new TapOffloadSwitches(Set.of(), Set.of(), TapCheck.none());
        none.switchOff(TapOffload.TSO4, -Errno.EIO, 5);
        none.tick();
        assertFalse(none.isOn(TapOffload.TSO4));
        assertFalse(none.hasRefused());
    }

    @Test
    void saysWhyAnOffloadIsOffAndThatItIsTriedAgain() {
        refuse(TapOffload.USO);
        Offload uso = switches.offloads().getLast();
        assertEquals("uso", uso.name());
        assertTrue(uso.reason().contains("EIO"), uso::toString);
        assertTrue(uso.reason().endsWith("it is tried again after 4 s"), uso::toString);
        ticksUntilOn(TapOffload.USO);
        assertEquals(
                "tried again after a refusal", switches.offloads().getLast().reason());
    }
}
