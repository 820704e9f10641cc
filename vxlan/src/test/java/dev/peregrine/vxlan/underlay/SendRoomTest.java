package dev.peregrine.vxlan.underlay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.socket.UnresolvedQueue;
import java.net.StandardProtocolFamily;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendRoomTest {
    private static final int PARKED = 212_992;

    @Test
    void isRoomForTheDeviceAndForWhatIsParkedForEachVtep() {
        SendRoom room = new SendRoom(PARKED, Integer.MAX_VALUE);
        assertEquals(SendRoom.DEVICE_BYTES, room.bytes(0));
        // The kernel doubles what is asked, so that this is room for 61 neighbours besides the device's.
        assertEquals(SendRoom.DEVICE_BYTES + 61 * PARKED / 2, room.bytes(61));
    }

    @Test
    void asksForNoMoreThanTheKernelCanDouble() {
        SendRoom room = new SendRoom(PARKED, Integer.MAX_VALUE);
        assertEquals(Integer.MAX_VALUE / 2, room.bytes(1 << 16));
    }

    @Test
    void takesAMessageIntoAccountWhereTheQueueIsSetShorter() {
        assertTrue(new SendRoom(1000, Integer.MAX_VALUE).bytes(100) > SendRoom.DEVICE_BYTES + 100 * 1000);
    }

    @ParameterizedTest
    @CsvSource({"0, 16", "1, 16", "16, 16", "17, 32", "61, 64", "64, 64", "65, 128", "4096, 4096"})
    void roundsUpSoThatNewVtepsDoNotChangeTheSocketsEachTime(int vteps, int rounded) {
        assertEquals(rounded, SendRoom.roundedUp(vteps));
    }

    @Test
    void readsWhatTheKernelParks() {
        // That of the kernel's default, or of the machine's: nobody sets it to less than a few datagrams.
        assertTrue(UnresolvedQueue.bytes(StandardProtocolFamily.INET) >= 4096);
        assertTrue(UnresolvedQueue.bytes(StandardProtocolFamily.INET6) >= 4096);
    }
}
