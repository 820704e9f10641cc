package dev.peregrine.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowKeyTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long B = 0x0200_0000_0002L;

    private final PacketPool pool = new PacketPool(64, 64);

    @AfterEach
    void freePool() {
        pool.close();
    }

    private FlowKey key(byte[] frame, int inPort) {
        FlowKey key = new FlowKey();
        assertTrue(key.read(Packets.frame(pool, frame), 0, inPort), "no flow");
        return key;
    }

    private FlowKey tunnelled(byte[] frame, long header, int inPort) {
        byte[] prefix = new byte[8];
        for (int i = 0; i < 8; i++) {
            prefix[i] = (byte) (header >>> (56 - 8 * i));
        }
        Packet packet = Packets.of(pool, Packets.concatenate(List.of(prefix, frame)));
        Dissector.dissect(packet, 8);
        FlowKey key = new FlowKey();
        assertTrue(key.read(packet, 8, inPort), "no flow");
        return key;
    }

    private boolean isFlow(byte[] frame) {
        return new FlowKey().read(Packets.frame(pool, frame), 0, 0);
    }

    @Test
    void whatDiffersFromPacketToPacketIsNotInTheKey() {
        FlowKey one = key(FrameBuilder.tcp4().payload(10).build(), 3);
        FlowKey two = key(
                FrameBuilder.tcp4()
                        .payload(1000)
                        .tos(0xb9)
                        .ttl(3)
                        .id(77)
                        .sequence(99)
                        .window(1)
                        .flags(TcpHeader.ACK | TcpHeader.PSH)
                        .build(),
                3);
        assertTrue(one.equalTo(two));
    }

    @Test
    void portsOfBothKindsVnisMacsAddressesProtocolsAndTagsTellFlowsApart() {
        FrameBuilder builder = FrameBuilder.udp4();
        byte[] frame = builder.build();
        List<FlowKey> keys = List.of(
                key(frame, 3),
                key(frame, 4),
                tunnelled(frame, 0x0800_0000_0000_2a00L, 3),
                tunnelled(frame, 0x0800_0000_0000_2b00L, 3),
                tunnelled(frame, 0x0800_0000_0000_2a00L, 1 << 16),
                key(FrameBuilder.udp4().macs(B, 5).build(), 3),
                key(FrameBuilder.udp4().macs(5, A).build(), 3),
                key(FrameBuilder.udp4().ports(1, 5201).build(), 3),
                key(FrameBuilder.udp4().ports(40_000, 1).build(), 3),
                key(FrameBuilder.udp4().addresses("198.19.0.9", "198.19.0.2").build(), 3),
                key(FrameBuilder.udp4().addresses("198.19.0.1", "198.19.0.9").build(), 3),
                key(FrameBuilder.udp4().tag(0x8100, 5).build(), 3),
                key(FrameBuilder.udp4().tag(0x8100, 6).build(), 3),
                key(FrameBuilder.udp4().tag(0x88a8, 5).build(), 3),
                key(FrameBuilder.tcp4().build(), 3),
                key(FrameBuilder.udp6().build(), 3),
                key(FrameBuilder.udp6().addresses("fd00::1", "fd00::3").build(), 3),
                key(FrameBuilder.udp6().addresses("fd00::3", "fd00::2").build(), 3),
                key(FrameBuilder.tcp6().build(), 3),
                key(FrameBuilder.echo4().echoId(1).build(), 3),
                key(FrameBuilder.echo4().echoId(2).build(), 3),
                key(FrameBuilder.echo4().echoId(1).icmpType(0).build(), 3),
                key(FrameBuilder.echo6().echoId(1).build(), 3));
        for (int i = 0; i < keys.size(); i++) {
            for (int k = 0; k < i; k++) {
                assertFalse(keys.get(i).equalTo(keys.get(k)), "keys " + k + " and " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                TcpHeader.SYN,
                TcpHeader.SYN | TcpHeader.ACK,
                TcpHeader.FIN | TcpHeader.ACK,
                TcpHeader.RST,
                TcpHeader.RST | TcpHeader.ACK,
                0
            })
    void tcpSegmentsThatOpenOrCloseAConnectionWalk(int flags) {
        assertFalse(isFlow(FrameBuilder.tcp4().flags(flags).build()));
        assertFalse(isFlow(FrameBuilder.tcp6().flags(flags).build()));
    }

    @Test
    void fragmentsWalk() {
        assertFalse(isFlow(FrameBuilder.udp4().fragmentBits(0x2000).payload(64).build()));
        assertFalse(isFlow(FrameBuilder.udp4().fragmentBits(0x0010).payload(64).build()));
        byte[] first = {17, 0, 0, 1, 0, 0, 0, 9};
        assertFalse(isFlow(FrameBuilder.udp6().extensions(44, first).payload(64).build()));
    }

    @Test
    void optionsAndExtensionHeadersWalk() {
        assertFalse(
                isFlow(FrameBuilder.udp4().ipOptions(new byte[] {1, 1, 1, 1}).build()));
        assertFalse(isFlow(FrameBuilder.udp6()
                .extensions(60, new byte[] {17, 0, 1, 4, 0, 0, 0, 0})
                .build()));
    }

    @Test
    void groupsWalk() {
        assertFalse(isFlow(FrameBuilder.udp4().macs(0xffff_ffff_ffffL, A).build()));
        assertFalse(isFlow(FrameBuilder.udp4().macs(0x0100_5e00_0001L, A).build()));
    }

    @Test
    void whatIsNeitherTcpNorUdpNorEchoWalks() {
        assertFalse(isFlow(FrameBuilder.arp(1, A, "10.0.0.1", 0, "10.0.0.2")));
        assertFalse(isFlow(FrameBuilder.ethernet(B, A, 0x88cc, new byte[60])));
        assertFalse(
                isFlow(FrameBuilder.ip(47, "10.0.0.1", "10.0.0.2").payload(40).build()));
        assertFalse(isFlow(FrameBuilder.echo4().icmpType(3).build()));
        assertFalse(isFlow(FrameBuilder.echo6().icmpType(135).build()));
    }

    @Test
    void twoVlanTagsWalk() {
        assertFalse(isFlow(FrameBuilder.udp4().tag(0x88a8, 5).tag(0x8100, 6).build()));
    }

    @Test
    void cutOffHeadersWalk() {
        for (FrameBuilder builder : List.of(FrameBuilder.udp4(), FrameBuilder.tcp6(), FrameBuilder.echo4())) {
            byte[] frame = builder.payload(20).build();
            for (int length = 0; length < frame.length; length++) {
                Packet packet = Packets.frame(pool, Arrays.copyOf(frame, length));
                assertFalse(new FlowKey().read(packet, 0, 0), "of length " + length);
                pool.release(packet);
            }
            assertEquals(true, isFlow(frame));
        }
    }

    /** As datagrams lie that the kernel has merged: what is behind the frame is the next one's. */
    @Test
    void aProtocolWithoutPayloadWalksAndNothingBehindTheFrameIsRead() {
        for (int bytes = 0; bytes < 8; bytes++) {
            byte[] frame =
                    FrameBuilder.ip(89, "10.0.0.1", "10.0.0.2").payload(bytes).build();
            Packet packet = Packets.of(pool, frame);
            packet.view(packet.floor(), packet.offset(), frame.length, packet.offset() + frame.length);
            Dissector.dissect(packet, 0);
            assertTrue(packet.transportIndex() >= 0, "dissected");
            assertFalse(new FlowKey().read(packet, 0, 0), "of " + bytes + " bytes");
            pool.release(packet);
        }
    }
}
