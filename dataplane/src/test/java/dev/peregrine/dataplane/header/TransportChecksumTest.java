package dev.peregrine.dataplane.header;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransportChecksumTest {
    private static final List<Supplier<FrameBuilder>> KINDS =
            List.of(FrameBuilder::tcp4, FrameBuilder::tcp6, FrameBuilder::udp4, FrameBuilder::udp6);

    private final PacketPool pool = new PacketPool(64, 64);

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void verifiesRightChecksumsOnly() {
        for (Supplier<FrameBuilder> kind : KINDS) {
            assertTrue(TransportChecksum.verify(frame(kind.get().payload(33))));
            assertFalse(TransportChecksum.verify(frame(kind.get().payload(33).wrongChecksum())));
            assertFalse(TransportChecksum.verify(frame(kind.get().payload(33).partialChecksum())));
        }
        assertTrue(TransportChecksum.verify(frame(FrameBuilder.echo6().payload(7))));
        assertFalse(TransportChecksum.verify(frame(FrameBuilder.echo6().wrongChecksum())));
    }

    @Test
    void recognisesTheBarePseudoHeaderSum() {
        for (Supplier<FrameBuilder> kind : KINDS) {
            assertTrue(TransportChecksum.isPseudoHeaderOnly(
                    frame(kind.get().payload(33).partialChecksum())));
            assertFalse(TransportChecksum.isPseudoHeaderOnly(frame(kind.get().payload(33))));
            assertFalse(TransportChecksum.isPseudoHeaderOnly(
                    frame(kind.get().payload(33).wrongChecksum())));
        }
    }

    @Test
    void completesWhateverTheFieldHeld() {
        for (Supplier<FrameBuilder> kind : KINDS) {
            byte[] expected = kind.get().payload(33).build();
            for (FrameBuilder start :
                    List.of(kind.get().partialChecksum(), kind.get().wrongChecksum())) {
                Packet packet = frame(start.payload(33));
                TransportChecksum.complete(packet);
                assertArrayEquals(expected, Packets.bytes(packet));
                assertEquals(Checksum.VERIFIED, packet.checksum());
            }
        }
    }

    @Test
    void leavesPaddingOut() {
        Packet packet = frame(FrameBuilder.udp4().payload(3).partialChecksum().padding(15));
        packet.setByte(packet.headLength() - 1, 0x77);
        assertTrue(TransportChecksum.isPseudoHeaderOnly(packet));
        TransportChecksum.complete(packet);
        assertTrue(TransportChecksum.verify(packet));
    }

    @Test
    void acceptsMissingChecksumsOverIpv4Only() {
        Packet ipv4 = frame(FrameBuilder.udp4().payload(3).zeroChecksum());
        assertTrue(TransportChecksum.verify(ipv4));
        assertFalse(TransportChecksum.isPresent(ipv4));
        assertFalse(
                TransportChecksum.verify(frame(FrameBuilder.udp6().payload(3).zeroChecksum())));
    }

    @Test
    void sendsUdpZeroAsAllOnes() {
        FrameBuilder builder = FrameBuilder.udp4().payload(new byte[2]);
        int checksum = frame(builder).getShort(40);
        Packet packet = frame(builder.payload(new byte[] {(byte) (checksum >>> 8), (byte) checksum})
                .partialChecksum());
        TransportChecksum.complete(packet);
        assertEquals(0xffff, packet.getShort(40));
        assertTrue(TransportChecksum.verify(packet));
    }

    @Test
    void leavesFragmentsAlone() {
        byte[] fragment = FrameBuilder.udp4()
                .fragmentBits(0x2000)
                .payload(8)
                .partialChecksum()
                .build();
        Packet packet = Packets.frame(pool, fragment);
        assertFalse(TransportChecksum.isPseudoHeaderOnly(packet));
        assertFalse(TransportChecksum.verify(packet));
        TransportChecksum.complete(packet);
        assertArrayEquals(fragment, Packets.bytes(packet));
        assertEquals(Checksum.UNKNOWN, packet.checksum());
    }

    @Test
    void leavesUdpLengthsAloneThatCannotBe() {
        for (int length : new int[] {0, 7, 12, 0xffff}) {
            Packet packet = frame(FrameBuilder.udp4().payload(3));
            packet.setShort(38, length);
            byte[] before = Packets.bytes(packet);
            assertFalse(TransportChecksum.verify(packet));
            TransportChecksum.complete(packet);
            assertArrayEquals(before, Packets.bytes(packet));
        }
    }

    @Test
    void verifiesUdpByItsOwnLength() {
        Packet packet = frame(FrameBuilder.udp4().payload(6));
        packet.setShort(38, 12);
        assertFalse(TransportChecksum.verify(packet));
        TransportChecksum.complete(packet);
        assertTrue(TransportChecksum.verify(packet));
        packet.setByte(packet.headLength() - 1, 0x77);
        assertTrue(TransportChecksum.verify(packet), "bytes behind the datagram do not count");
    }

    @Test
    void makesARightChecksumPartial() {
        for (Supplier<FrameBuilder> kind : KINDS) {
            Packet packet = frame(kind.get().payload(33));
            TransportChecksum.makePartial(packet);
            assertArrayEquals(kind.get().payload(33).partialChecksum().build(), Packets.bytes(packet));
            assertEquals(Checksum.PARTIAL, packet.checksum());
        }
    }

    @Test
    void placesTheFieldForVirtio() {
        Packet tcp = frame(FrameBuilder.tcp6());
        assertEquals(54, TransportChecksum.csumStart(tcp));
        assertEquals(16, TransportChecksum.csumOffset(tcp));
        Packet udp = frame(FrameBuilder.udp4());
        assertEquals(34, TransportChecksum.csumStart(udp));
        assertEquals(6, TransportChecksum.csumOffset(udp));
        assertEquals(-1, TransportChecksum.csumOffset(frame(FrameBuilder.echo4())));
    }

    private Packet frame(FrameBuilder builder) {
        return Packets.frame(pool, builder.build());
    }
}
