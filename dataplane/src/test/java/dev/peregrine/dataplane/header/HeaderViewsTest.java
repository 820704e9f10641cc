package dev.peregrine.dataplane.header;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeaderViewsTest {
    private final PacketPool pool = new PacketPool(4, 4);

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void readsEthernetAndArp() {
        Packet packet = Packets.of(
                pool, FrameBuilder.arp(2, 0x02_00_00_00_00_0aL, "10.0.0.1", 0x02_00_00_00_00_0bL, "10.0.0.2"));
        EthernetHeader ethernet = new EthernetHeader().wrap(packet, 0);
        assertEquals(0x02_00_00_00_00_0bL, ethernet.destination());
        assertEquals(0x02_00_00_00_00_0aL, ethernet.source());
        assertEquals(EthernetHeader.ARP, ethernet.etherType());
        ArpPacket arp = new ArpPacket().wrap(packet, EthernetHeader.LENGTH);
        assertTrue(arp.isEthernetIpv4());
        assertEquals(ArpPacket.REPLY, arp.operation());
        assertEquals(0x02_00_00_00_00_0aL, arp.senderMac());
        assertEquals(0x0a000001, arp.senderIp());
        assertEquals(0x02_00_00_00_00_0bL, arp.targetMac());
        assertEquals(0x0a000002, arp.targetIp());
    }

    @Test
    void writesEthernetAndArp() {
        Packet packet = Packets.of(pool, new byte[EthernetHeader.LENGTH + ArpPacket.LENGTH]);
        new EthernetHeader()
                .wrap(packet, 0)
                .destination(EthernetHeader.BROADCAST)
                .source(0x02_00_00_00_00_0aL)
                .etherType(EthernetHeader.ARP);
        new ArpPacket()
                .wrap(packet, EthernetHeader.LENGTH)
                .ethernetIpv4(ArpPacket.REQUEST)
                .sender(0x02_00_00_00_00_0aL, 0x0a000001)
                .target(0x02_00_00_00_00_0bL, 0x0a000002);
        assertArrayEquals(
                FrameBuilder.arp(1, 0x02_00_00_00_00_0aL, "10.0.0.1", 0x02_00_00_00_00_0bL, "10.0.0.2"),
                Packets.bytes(packet));
    }

    @Test
    void tellsGroupAddressesAndVlanTags() {
        assertTrue(EthernetHeader.isGroup(EthernetHeader.BROADCAST));
        assertTrue(EthernetHeader.isGroup(0x01_00_5e_00_00_01L));
        assertFalse(EthernetHeader.isGroup(0x02_00_00_00_00_01L));
        assertTrue(EthernetHeader.isVlan(EthernetHeader.VLAN));
        assertTrue(EthernetHeader.isVlan(EthernetHeader.SERVICE_VLAN));
        assertFalse(EthernetHeader.isVlan(EthernetHeader.IPV4));
    }

    @Test
    void readsAndRewritesIpv4() {
        Packet packet = Packets.of(
                pool,
                FrameBuilder.udp4()
                        .tos(0xb9)
                        .id(0x1234)
                        .dontFragment()
                        .ttl(7)
                        .ipOptions(new byte[] {1, 1, 1, 0})
                        .payload(9)
                        .build());
        Ipv4Header ip = new Ipv4Header().wrap(packet, EthernetHeader.LENGTH);
        assertEquals(4, ip.version());
        assertEquals(24, ip.headerLength());
        assertEquals(0xb9, ip.tos());
        assertEquals(24 + 8 + 9, ip.totalLength());
        assertEquals(0x1234, ip.id());
        assertEquals(Ipv4Header.DONT_FRAGMENT, ip.fragmentBits());
        assertFalse(ip.isFragment());
        assertEquals(7, ip.ttl());
        assertEquals(IpProtocol.UDP, ip.protocol());
        assertEquals(0xc6130001, ip.source());
        assertEquals(0xc6130002, ip.destination());
        assertTrue(ip.hasValidChecksum());

        ip.replaceTos(0xbb);
        assertEquals(0xbb, ip.tos());
        assertTrue(ip.hasValidChecksum());
        int corrected = ip.checksum();
        assertEquals(corrected, ip.fillChecksum().checksum());

        ip.id(0x4321);
        assertFalse(ip.hasValidChecksum());
    }

    @Test
    void writesIpv4AndUdp() {
        byte[] expected = FrameBuilder.udp4()
                .tos(0x10)
                .id(5)
                .fragmentBits(0x2001)
                .ttl(9)
                .ports(53, 65_535)
                .payload(3)
                .build();
        Packet packet = Packets.of(pool, expected.clone());
        for (int i = EthernetHeader.LENGTH; i < EthernetHeader.LENGTH + 28; i++) {
            packet.setByte(i, 0);
        }
        Ipv4Header ip = new Ipv4Header()
                .wrap(packet, EthernetHeader.LENGTH)
                .versionAndLength()
                .tos(0x10)
                .totalLength(31)
                .id(5)
                .fragmentBits(0x2001)
                .ttl(9)
                .protocol(IpProtocol.UDP)
                .source(0xc6130001)
                .destination(0xc6130002)
                .fillChecksum();
        assertTrue(ip.isFragment());
        UdpHeader udp = new UdpHeader()
                .wrap(packet, EthernetHeader.LENGTH + Ipv4Header.LENGTH)
                .sourcePort(53)
                .destinationPort(65_535)
                .length(11);
        udp.checksum(((expected[40] & 0xff) << 8) | (expected[41] & 0xff));
        assertArrayEquals(expected, Packets.bytes(packet));
        assertEquals(53, udp.sourcePort());
        assertEquals(65_535, udp.destinationPort());
        assertEquals(11, udp.length());
        assertEquals(packet.getShort(40), udp.checksum());
    }

    @Test
    void readsAndWritesIpv6() {
        byte[] expected = FrameBuilder.udp6().tos(0xb9).ttl(3).payload(5).build();
        Packet packet = Packets.of(pool, expected.clone());
        Ipv6Header ip = new Ipv6Header().wrap(packet, EthernetHeader.LENGTH);
        assertEquals(6, ip.version());
        assertEquals(0xb9, ip.trafficClass());
        assertEquals(13, ip.payloadLength());
        assertEquals(IpProtocol.UDP, ip.nextHeader());
        assertEquals(3, ip.hopLimit());
        assertEquals(0xfd00_0000_0000_0000L, ip.sourceHigh());
        assertEquals(1, ip.sourceLow());
        assertEquals(0xfd00_0000_0000_0000L, ip.destinationHigh());
        assertEquals(2, ip.destinationLow());

        for (int i = EthernetHeader.LENGTH; i < EthernetHeader.LENGTH + Ipv6Header.LENGTH; i++) {
            packet.setByte(i, 0);
        }
        ip.versionAndTrafficClass(0xff)
                .payloadLength(13)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(3)
                .source(0xfd00_0000_0000_0000L, 1)
                .destination(0xfd00_0000_0000_0000L, 2);
        ip.trafficClass(0xb9);
        assertArrayEquals(expected, Packets.bytes(packet));
    }

    @Test
    void readsTcp() {
        Packet packet = Packets.of(
                pool,
                FrameBuilder.tcp4()
                        .ports(1, 0xfffe)
                        .sequence(0x80000001)
                        .acknowledgment(0xfffffff0)
                        .flags(TcpHeader.ACK | TcpHeader.CWR)
                        .window(0xffff)
                        .tcpOptions(new byte[12])
                        .build());
        TcpHeader tcp = new TcpHeader().wrap(packet, EthernetHeader.LENGTH + Ipv4Header.LENGTH);
        assertEquals(1, tcp.sourcePort());
        assertEquals(0xfffe, tcp.destinationPort());
        assertEquals(0x80000001, tcp.sequence());
        assertEquals(0xfffffff0, tcp.acknowledgment());
        assertEquals(32, tcp.headerLength());
        assertEquals(TcpHeader.ACK | TcpHeader.CWR, tcp.flags());
        assertEquals(0xffff, tcp.window());
        assertEquals(packet.getShort(50), tcp.checksum());
    }
}
