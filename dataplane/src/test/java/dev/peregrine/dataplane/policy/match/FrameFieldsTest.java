package dev.peregrine.dataplane.policy.match;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import org.junit.jupiter.api.Test;

/** The fields of a frame that logging rules write. */
class FrameFieldsTest {

    private static String text(FrameBuilder frame) {
        try (PacketPool pool = new PacketPool(1, 1)) {
            Packet packet = Packets.frame(
                    pool,
                    frame.macs(0x0200_0000_0002L, 0x0200_0000_0001L)
                            .ports(4000, 53)
                            .build());
            FrameFields fields = new FrameFields();
            assertTrue(fields.read(packet));
            pool.release(packet);
            return fields.toString();
        }
    }

    @Test
    void addressesAreWrittenAsPeopleReadThem() {
        assertEquals(
                "udp from 02:00:00:00:00:01 to 02:00:00:00:00:02, 198.19.0.1 to 198.19.0.2, ports 4000 to 53",
                text(FrameBuilder.udp4().addresses("198.19.0.1", "198.19.0.2")));
        assertEquals(
                "udp from 02:00:00:00:00:01 to 02:00:00:00:00:02, fd00::1 to fe80::fc37:5aff:fe77:71b8, ports 4000 to 53",
                text(FrameBuilder.udp6().addresses("fd00::1", "fe80::fc37:5aff:fe77:71b8")));
    }
}
