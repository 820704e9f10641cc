package dev.peregrine.vxlan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VxlanHeaderTest {
    private final PacketPool pool = new PacketPool(1, 1);

    @AfterEach
    void freePool() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 42, 0x123456, Vni.MAX})
    void writesWhatItReadsAndZerosInReservedBits(int vni) {
        Packet packet = Frames.packet(pool, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
        VxlanHeader header = new VxlanHeader().wrap(packet, 1);
        header.write(vni);
        byte[] expected = {-1, 8, 0, 0, 0, (byte) (vni >> 16), (byte) (vni >> 8), (byte) vni, 0, -1};
        assertArrayEquals(expected, Frames.head(packet));
        assertEquals(vni, header.vni());
        assertTrue(header.hasVni());
        assertFalse(header.hasAny(VxlanHeader.RESERVED_MASK));
    }

    @Test
    void vniHas24Bits() {
        assertTrue(Vni.isValid(0));
        assertTrue(Vni.isValid(0xff_ffff));
        assertFalse(Vni.isValid(-1));
        assertFalse(Vni.isValid(0x100_0000));
        assertFalse(Vni.isValid(0x1_0000_0000L));
        assertEquals(5, Vni.requireValid(5));
        assertThrows(IllegalArgumentException.class, () -> Vni.requireValid(0x100_0000));
    }
}
