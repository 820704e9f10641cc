package dev.peregrine.dataplane.header;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IpFragmentTest {
    private final PacketPool pool = new PacketPool(1, 1);

    @AfterEach
    void close() {
        pool.close();
    }

    private void expect(byte[] frame, int offset, int id, int protocol) {
        Packet packet = Packets.frame(pool, frame);
        assertEquals(offset, IpFragment.offset(packet));
        assertEquals(id, IpFragment.id(packet));
        assertEquals(protocol, IpFragment.protocol(packet));
        pool.release(packet);
    }

    @Test
    void readsIpv4() {
        FrameBuilder datagram = FrameBuilder.udp4().id(0xabcd);
        expect(datagram.fragmentBits(0x2000).build(), 0, 0xabcd, 17);
        expect(datagram.fragmentBits(0x2001).build(), 8, 0xabcd, 17);
        expect(datagram.fragmentBits(0x1fff).build(), 65_528, 0xabcd, 17);
    }

    @Test
    void readsTheFragmentHeaderOfIpv6BehindOthers() {
        byte[] headers = {44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 9, 1, 2, 3, 4};
        expect(FrameBuilder.udp6().extensions(0, headers).build(), 8, 0x0102_0304, 17);
    }

    private void expectData(byte[] frame, int dataIndex, boolean more) {
        Packet packet = Packets.frame(pool, frame);
        assertEquals(dataIndex, IpFragment.dataIndex(packet));
        assertEquals(more, IpFragment.hasMore(packet));
        pool.release(packet);
    }

    @Test
    void findsTheData() {
        byte[] options = {1, 1, 1, 0};
        FrameBuilder datagram = FrameBuilder.udp4().ipOptions(options);
        expectData(datagram.fragmentBits(0x2001).build(), 14 + 24, true);
        expectData(datagram.fragmentBits(0x4001).build(), 14 + 24, false);
        byte[] headers = {44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 9, 1, 2, 3, 4};
        expectData(FrameBuilder.udp6().extensions(0, headers).build(), 14 + 40 + 16, true);
    }

    @Test
    void findsNoDataWhereHeadersContradictTheFrame() {
        byte[] frame = FrameBuilder.udp4().fragmentBits(0x2000).payload(40).build();
        byte[] longer = frame.clone();
        longer[17]++;
        expectData(longer, -1, true);
        byte[] shortHeader = frame.clone();
        shortHeader[14] = 0x44;
        expectData(shortHeader, -1, true);
        byte[] headerBehindTheEnd = frame.clone();
        headerBehindTheEnd[17] = 19;
        expectData(headerBehindTheEnd, -1, true);
        expectData(FrameBuilder.ethernet(1, 2, 0x88cc, new byte[40]), -1, false);
    }

    @Test
    void findsNothingInWholeDatagramsAndWhatIsNotIp() {
        expect(FrameBuilder.udp6().build(), 0, 0, 0);
        expect(FrameBuilder.ethernet(1, 2, 0x88cc, new byte[40]), 0, 0, 0);
        byte[] cut = {17, 0, 0, 9};
        expect(FrameBuilder.ip(44, "fd00::1", "fd00::2").payload(cut).build(), 0, 0, 0);
    }
}
