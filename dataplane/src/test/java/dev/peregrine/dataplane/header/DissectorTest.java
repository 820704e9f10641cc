package dev.peregrine.dataplane.header;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DissectorTest {
    private static final byte[] FIRST_FRAGMENT = {17, 0, 0, 1, 0, 0, 0, 9};
    private static final byte[] LATER_FRAGMENT = {17, 0, 0, 8, 0, 0, 0, 9};
    private static final byte[] ATOMIC_FRAGMENT = {17, 0, 0, 0, 0, 0, 0, 9};

    private final PacketPool pool = new PacketPool(2, 2);

    @AfterEach
    void close() {
        assertTrue(pool.isFull());
        pool.close();
    }

    @Test
    void findsHeadersOfTcpAndUdpOverBothFamilies() {
        assertDissected(FrameBuilder.udp4().payload(1).build(), EthernetHeader.IPV4, 14, IpProtocol.UDP, 34, 42);
        assertDissected(FrameBuilder.udp6().payload(1).build(), EthernetHeader.IPV6, 14, IpProtocol.UDP, 54, 62);
        assertDissected(FrameBuilder.tcp4().payload(1).build(), EthernetHeader.IPV4, 14, IpProtocol.TCP, 34, 54);
        byte[] options = FrameBuilder.tcp6().tcpOptions(new byte[12]).build();
        assertDissected(options, EthernetHeader.IPV6, 14, IpProtocol.TCP, 54, 86);
        byte[] ipOptions = FrameBuilder.udp4().ipOptions(new byte[8]).build();
        assertDissected(ipOptions, EthernetHeader.IPV4, 14, IpProtocol.UDP, 42, 50);
    }

    @Test
    void findsOtherProtocolsAndArp() {
        assertDissected(FrameBuilder.echo4().build(), EthernetHeader.IPV4, 14, IpProtocol.ICMP, 34, -1);
        assertDissected(FrameBuilder.echo6().build(), EthernetHeader.IPV6, 14, IpProtocol.ICMPV6, 54, -1);
        byte[] gre = FrameBuilder.ip(47, "10.0.0.1", "10.0.0.2").payload(4).build();
        assertDissected(gre, EthernetHeader.IPV4, 14, 47, 34, -1);
        byte[] arp = FrameBuilder.arp(1, 2, "10.0.0.1", 0, "10.0.0.2");
        assertDissected(arp, EthernetHeader.ARP, 14, 0, -1, -1);
        byte[] lldp = FrameBuilder.ethernet(1, 2, 0x88cc, new byte[50]);
        assertDissected(lldp, 0x88cc, -1, 0, -1, -1);
    }

    @Test
    void looksThroughTwoVlanTagsButNamesTheOutermost() {
        byte[] one = FrameBuilder.udp4().tag(EthernetHeader.VLAN, 5).payload(1).build();
        assertDissected(one, EthernetHeader.VLAN, 18, IpProtocol.UDP, 38, 46);
        byte[] two = FrameBuilder.udp6()
                .tag(EthernetHeader.VLAN, 5)
                .tag(EthernetHeader.SERVICE_VLAN, 6)
                .build();
        assertDissected(two, EthernetHeader.SERVICE_VLAN, 22, IpProtocol.UDP, 62, 70);
        byte[] three = FrameBuilder.udp4()
                .tag(EthernetHeader.VLAN, 5)
                .tag(EthernetHeader.VLAN, 6)
                .tag(EthernetHeader.VLAN, 7)
                .build();
        assertDissected(three, EthernetHeader.VLAN, -1, 0, -1, -1);
        assertEquals(hash(FrameBuilder.udp4().build()), hash(one), "a tag does not change the flow");
    }

    @Test
    void followsExtensionHeaders() {
        byte[] hopByHop = {43, 0, 0, 0, 0, 0, 0, 0};
        byte[] routing = {60, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] options = {51, 0, 0, 0, 0, 0, 0, 0};
        byte[] authentication = {6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] chain = Packets.concatenate(List.of(hopByHop, routing, options, authentication));
        byte[] frame = FrameBuilder.tcp6()
                .extensions(IpProtocol.HOP_BY_HOP, chain)
                .payload(3)
                .build();
        assertDissected(frame, EthernetHeader.IPV6, 14, IpProtocol.TCP, 54 + 44, 54 + 44 + 20);
        assertEquals(hash(FrameBuilder.tcp6().build()), hash(frame));
    }

    @Test
    void followsABoundedNumberOfExtensionHeaders() {
        byte[] chain = new byte[8 * 9];
        for (int i = 0; i < chain.length; i += 8) {
            chain[i] = 60;
        }
        chain[chain.length - 8] = 6;
        byte[] frame = FrameBuilder.tcp6()
                .extensions(IpProtocol.DESTINATION_OPTIONS, chain)
                .build();
        assertDissected(frame, EthernetHeader.IPV6, 14, 0, -1, -1);
    }

    @Test
    void hashesAllFragmentsOfADatagramAlike() {
        byte[] first = FrameBuilder.udp4().fragmentBits(0x2000).payload(8).build();
        byte[] later = FrameBuilder.udp4().fragmentBits(0x0002).payload(8).build();
        byte[] other =
                FrameBuilder.udp4().fragmentBits(0x2000).ports(1, 2).payload(8).build();
        assertDissected(first, EthernetHeader.IPV4, 14, IpProtocol.UDP, 34, -1);
        assertDissected(later, EthernetHeader.IPV4, 14, 0, -1, -1);
        assertTrue(isFragment(first) && isFragment(later));
        assertEquals(hash(first), hash(later));
        assertEquals(hash(first), hash(other), "ports do not count in fragments");
        assertNotEquals(hash(first), hash(FrameBuilder.udp4().payload(8).build()));
    }

    @Test
    void hashesAllIpv6FragmentsOfADatagramAlike() {
        byte[] first =
                FrameBuilder.udp6().extensions(44, FIRST_FRAGMENT).payload(8).build();
        byte[] later =
                FrameBuilder.udp6().extensions(44, LATER_FRAGMENT).payload(8).build();
        assertDissected(first, EthernetHeader.IPV6, 14, IpProtocol.UDP, 62, -1);
        assertDissected(later, EthernetHeader.IPV6, 14, 0, -1, -1);
        assertTrue(isFragment(first) && isFragment(later));
        assertEquals(hash(first), hash(later));
        byte[] atomic =
                FrameBuilder.udp6().extensions(44, ATOMIC_FRAGMENT).payload(8).build();
        assertDissected(atomic, EthernetHeader.IPV6, 14, IpProtocol.UDP, 62, 70);
        assertFalse(isFragment(atomic), "an atomic fragment is a whole datagram");
    }

    @Test
    void hashesLaterHeadersOfFragmentsByWhatTheFragmentHeaderNames() {
        byte[] chain = {60, 0, 0, 1, 0, 0, 0, 9, 17, 0, 0, 0, 0, 0, 0, 0};
        byte[] first = FrameBuilder.udp6().extensions(44, chain).payload(8).build();
        byte[] laterHeader = {60, 0, 0, 24, 0, 0, 0, 9};
        byte[] later =
                FrameBuilder.udp6().extensions(44, laterHeader).payload(8).build();
        assertEquals(hash(first), hash(later));
    }

    @Test
    void leavesTransportUnsetWhereLengthsContradictTheFrame() {
        byte[] longer = FrameBuilder.udp4().payload(4).build();
        longer[17]++;
        assertDissected(longer, EthernetHeader.IPV4, 14, 0, -1, -1);
        byte[] headerTooShort = FrameBuilder.udp4().payload(4).build();
        headerTooShort[14] = 0x44;
        assertDissected(headerTooShort, EthernetHeader.IPV4, 14, 0, -1, -1);
        byte[] totalTooShort = FrameBuilder.udp4().payload(4).build();
        totalTooShort[17] = 19;
        assertDissected(totalTooShort, EthernetHeader.IPV4, 14, 0, -1, -1);
        byte[] longer6 = FrameBuilder.tcp6().build();
        longer6[19]++;
        assertDissected(longer6, EthernetHeader.IPV6, 14, 0, -1, -1);
        byte[] wrongVersion = FrameBuilder.udp4().build();
        wrongVersion[14] = 0x65;
        assertDissected(wrongVersion, EthernetHeader.IPV4, -1, 0, -1, -1);
    }

    @Test
    void acceptsEthernetPadding() {
        byte[] padded = FrameBuilder.udp4().payload(4).padding(14).build();
        Packet packet = Packets.frame(pool, padded);
        assertEquals(34, packet.transportIndex());
        assertEquals(padded.length - 14, Dissector.ipEnd(packet));
        pool.release(packet);
    }

    @Test
    void givesNoPayloadWhereHeadersContradictEachOther() {
        byte[] udp = FrameBuilder.udp4().payload(4).build();
        udp[39]--;
        assertDissected(udp, EthernetHeader.IPV4, 14, IpProtocol.UDP, 34, -1);
        byte[] offsetTooSmall = FrameBuilder.tcp4().payload(4).build();
        offsetTooSmall[46] = 0x40;
        assertDissected(offsetTooSmall, EthernetHeader.IPV4, 14, IpProtocol.TCP, 34, -1);
        byte[] offsetTooLarge = FrameBuilder.tcp4().payload(4).build();
        offsetTooLarge[46] = (byte) 0xf0;
        assertDissected(offsetTooLarge, EthernetHeader.IPV4, 14, IpProtocol.TCP, 34, -1);
    }

    @Test
    void hashesEchoesByIdentifierAndEverythingElseByAddresses() {
        assertNotEquals(
                hash(FrameBuilder.echo4().echoId(1).build()),
                hash(FrameBuilder.echo4().echoId(2).build()));
        assertNotEquals(
                hash(FrameBuilder.echo6().echoId(1).build()),
                hash(FrameBuilder.echo6().echoId(2).build()));
        assertEquals(
                hash(FrameBuilder.echo4().icmpType(3).echoId(1).build()),
                hash(FrameBuilder.echo4().icmpType(3).echoId(2).build()));
        assertNotEquals(
                hash(FrameBuilder.ethernet(1, 2, 0x88cc, new byte[46])),
                hash(FrameBuilder.ethernet(1, 3, 0x88cc, new byte[46])));
    }

    @Test
    void spreadsFlowsThatDifferInOnePortEvenly() {
        int[] buckets = new int[64];
        for (int port = 0; port < 6_400; port++) {
            int hash = hash(FrameBuilder.udp4().ports(port, 4_789).payload(1).build());
            buckets[hash >>> 26]++;
            assertNotEquals(0, hash);
        }
        for (int count : buckets) {
            assertTrue(count > 50 && count < 150, () -> "100 expected, got " + count);
        }
    }

    @Test
    void takesEveryPrefixOfAFrame() {
        byte[] chain = {44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 9};
        List<byte[]> frames = List.of(
                FrameBuilder.tcp4()
                        .ipOptions(new byte[12])
                        .tcpOptions(new byte[12])
                        .payload(9)
                        .build(),
                FrameBuilder.tcp6().extensions(0, chain).payload(9).build(),
                FrameBuilder.udp6().tag(EthernetHeader.VLAN, 3).payload(9).build(),
                FrameBuilder.arp(1, 2, "10.0.0.1", 0, "10.0.0.2"));
        for (byte[] frame : frames) {
            for (int length = 0; length <= frame.length; length++) {
                assertDissectsInsideTheHead(Arrays.copyOf(frame, length), "length " + length);
            }
        }
    }

    @Test
    void takesAnyBytes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        int[] etherTypes = {0x0800, 0x86dd, 0x8100, 0x88a8, 0x0806, 0};
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = new byte[random.nextInt(140)];
            random.nextBytes(bytes);
            if (bytes.length > 30) {
                int etherType = etherTypes[random.nextInt(etherTypes.length)];
                bytes[12] = (byte) (etherType >>> 8);
                bytes[13] = (byte) etherType;
                bytes[14] = (byte) (etherType == 0x86dd ? 0x60 : 0x45);
                bytes[16] = 0;
                bytes[18] = 0;
                bytes[20] = (byte) (random.nextBoolean() ? 44 : 0);
            }
            assertDissectsInsideTheHead(bytes, seed);
        }
    }

    /** Dissects the same bytes with different bytes behind them: what it finds must not depend on those. */
    private void assertDissectsInsideTheHead(byte[] bytes, Object hint) {
        long[] found = new long[2];
        for (int i = 0; i < 2; i++) {
            Packet packet = Packets.of(pool, bytes);
            for (int at = 0; at < 64; at++) {
                packet.setByte(bytes.length + at, i == 0 ? 0 : 0xff);
            }
            Dissector.dissect(packet, 0);
            assertTrue(packet.networkIndex() < bytes.length, hint::toString);
            assertTrue(packet.transportIndex() <= bytes.length, hint::toString);
            assertEquals(packet.protocol() != 0, packet.transportIndex() >= 0, hint::toString);
            assertTrue(Dissector.payloadIndex(packet) <= bytes.length, hint::toString);
            assertNotEquals(0, packet.flowHash(), hint::toString);
            found[i] = ((long) packet.flowHash() << 32) ^ ((long) packet.transportIndex() << 8) ^ packet.protocol();
            found[i] = found[i] * 31 + Dissector.payloadIndex(packet) + (Dissector.isFragment(packet) ? 1 : 0);
            TransportChecksum.isPseudoHeaderOnly(packet);
            TransportChecksum.verify(packet);
            pool.release(packet);
        }
        assertEquals(found[0], found[1], hint::toString);
    }

    private void assertDissected(byte[] frame, int etherType, int network, int protocol, int transport, int payload) {
        byte[] prefixed = Packets.concatenate(List.of(new byte[8], frame));
        Packet packet = Packets.of(pool, prefixed);
        Dissector.dissect(packet, 8);
        packet.pull(8);
        assertEquals(etherType, packet.etherType());
        assertEquals(network, packet.networkIndex());
        assertEquals(protocol, packet.protocol());
        assertEquals(transport, packet.transportIndex());
        assertEquals(payload, Dissector.payloadIndex(packet));
        boolean ip = network >= 0 && frame[network] >= 0x40;
        assertEquals(ip && frame[network] >>> 4 == 4, Dissector.isIpv4(packet));
        assertEquals(ip && frame[network] >>> 4 == 6, Dissector.isIpv6(packet));
        pool.release(packet);
    }

    private int hash(byte[] frame) {
        Packet packet = Packets.frame(pool, frame);
        int hash = packet.flowHash();
        pool.release(packet);
        return hash;
    }

    private boolean isFragment(byte[] frame) {
        Packet packet = Packets.frame(pool, frame);
        boolean fragment = Dissector.isFragment(packet);
        pool.release(packet);
        return fragment;
    }
}
