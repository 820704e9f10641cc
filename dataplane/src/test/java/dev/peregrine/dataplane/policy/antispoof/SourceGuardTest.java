package dev.peregrine.dataplane.policy.antispoof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SourceGuardTest {
    private static final long OWN = 0x0200_0000_0001L;
    private static final long OTHER = 0x0200_0000_0099L;
    private static final long PEER = 0x0200_0000_0002L;
    private static final String OWN_IP = "198.19.0.1";
    private static final String OTHER_IP = "198.19.0.99";

    private final PacketPool pool = new PacketPool(4, 4);
    private final SourceGuard guard = guard().build();

    private static SourceGuard.Builder guard() {
        return SourceGuard.builder().mac(OWN).ipv4(0xc613_0001, 32).ipv6(0xfd00L << 48, 1, 128);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private @Nullable DropReason check(SourceGuard with, byte[] frame) {
        Packet packet = Packets.frame(pool, frame);
        DropReason reason = with.violation(packet);
        pool.release(packet);
        return reason;
    }

    private @Nullable DropReason check(byte[] frame) {
        return check(guard, frame);
    }

    private static FrameBuilder from(long mac, String source) {
        boolean ipv6 = source.contains(":");
        FrameBuilder builder = ipv6 ? FrameBuilder.udp6() : FrameBuilder.udp4();
        return builder.macs(PEER, mac).addresses(source, ipv6 ? "fd00::2" : "198.19.0.2");
    }

    @Test
    void letsOwnAddressesPass() {
        assertNull(check(from(OWN, OWN_IP).build()));
        assertNull(check(from(OWN, "fd00::1").build()));
        assertNull(check(from(OWN, OWN_IP).tag(0x8100, 7).build()));
    }

    @Test
    void dropsForeignMac() {
        assertEquals(DropReason.SPOOFED_SOURCE_MAC, check(from(OTHER, OWN_IP).build()));
    }

    @Test
    void dropsForeignAddress() {
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS, check(from(OWN, OTHER_IP).build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(from(OWN, OTHER_IP).tag(0x8100, 7).build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(from(OWN, OTHER_IP).fragmentBits(100).build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS, check(from(OWN, "fd00::99").build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(from(OWN, "::ffff:0:c613:1").build()));
    }

    @Test
    void takesLinkLocalAddressOfItsMacAsOwn() {
        assertNull(check(from(OWN, "fe80::ff:fe00:1").build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(from(OWN, "fe80::ff:fe00:99").build()));
    }

    @Test
    void restrictsOnlyWhatIsGiven() {
        SourceGuard macOnly = SourceGuard.builder().mac(OWN).build();
        assertNull(check(macOnly, from(OWN, OTHER_IP).build()));
        assertNull(check(macOnly, FrameBuilder.arp(2, OWN, OTHER_IP, PEER, "198.19.0.2")));
        SourceGuard ipOnly = SourceGuard.builder().ipv4(0xc613_0000, 24).build();
        assertNull(check(ipOnly, from(OTHER, OTHER_IP).build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(ipOnly, from(OTHER, "198.19.1.1").build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(ipOnly, from(OTHER, "fd00::1").build()));
        SourceGuard ipv6Only = SourceGuard.builder().ipv6(0xfd00L << 48, 0, 8).build();
        assertNull(check(ipv6Only, from(OTHER, "fd00::77").build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(ipv6Only, from(OTHER, OWN_IP).build()));
    }

    @Test
    void letsOwnArpPass() {
        assertNull(check(FrameBuilder.arp(1, OWN, OWN_IP, 0, "198.19.0.2")));
        assertNull(check(FrameBuilder.arp(2, OWN, OWN_IP, PEER, "198.19.0.2")));
        assertNull(check(FrameBuilder.arp(1, OWN, OWN_IP, 0, OWN_IP)), "gratuitous");
        assertNull(check(FrameBuilder.arp(1, OWN, "0.0.0.0", 0, OWN_IP)), "probe for its own address");
    }

    @Test
    void dropsSpoofedArp() {
        assertEquals(DropReason.SPOOFED_ARP, check(FrameBuilder.arp(2, OWN, OTHER_IP, PEER, "198.19.0.2")));
        assertEquals(DropReason.SPOOFED_ARP, check(FrameBuilder.arp(1, OWN, OTHER_IP, 0, OTHER_IP)));
        assertEquals(DropReason.SPOOFED_ARP, check(FrameBuilder.arp(1, OWN, "0.0.0.0", 0, OTHER_IP)), "probe");
        assertEquals(DropReason.SPOOFED_ARP, check(FrameBuilder.arp(2, OWN, "0.0.0.0", 0, OWN_IP)), "no probe");
        byte[] foreignSender = FrameBuilder.arp(2, OTHER, OWN_IP, PEER, "198.19.0.2");
        ByteBuffer.wrap(foreignSender).putShort(6, (short) (OWN >>> 32)).putInt(8, (int) OWN);
        assertEquals(DropReason.SPOOFED_ARP, check(foreignSender));
        byte[] cut = new byte[40];
        System.arraycopy(FrameBuilder.arp(1, OWN, OWN_IP, 0, OWN_IP), 0, cut, 0, 40);
        assertEquals(DropReason.SPOOFED_ARP, check(cut), "unreadable");
    }

    @Test
    void letsAHostWithoutAddressAskForOne() {
        byte[] discover =
                dhcp(68, 67, OWN).addresses("0.0.0.0", "255.255.255.255").build();
        assertNull(check(discover));
        assertNull(check(dhcp(68, 67, OWN).addresses(OWN_IP, "198.19.0.2").build()), "renewal");
        assertNull(check(FrameBuilder.ip(2, "0.0.0.0", "224.0.0.22")
                .macs(PEER, OWN)
                .payload(new byte[] {0x22, 0, 0, 0, 0, 0, 0, 0})
                .build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(dhcp(68, 67, OWN).addresses("0.0.0.0", "198.19.0.2").build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(dhcp(68, 67, OWN)
                        .addresses("0.0.0.0", "255.255.255.255")
                        .fragmentBits(0x2000)
                        .build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(from(OWN, "0.0.0.0").ports(68, 53).build()));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(FrameBuilder.ip(2, "0.0.0.0", "224.0.0.1")
                        .macs(PEER, OWN)
                        .payload(new byte[] {0x11, 0, 0, 0, 0, 0, 0, 0})
                        .build()),
                "IGMP query");
    }

    @Test
    void dropsDhcpForAnotherMacAndDhcpAnswers() {
        assertEquals(
                DropReason.SPOOFED_DHCP,
                check(dhcp(68, 67, OTHER)
                        .addresses("0.0.0.0", "255.255.255.255")
                        .build()));
        assertEquals(
                DropReason.SPOOFED_DHCP,
                check(dhcp(67, 68, OWN).addresses(OWN_IP, "198.19.0.2").build()));
        byte[] dhcpv6 = from(OWN, "fd00::1").ports(547, 546).build();
        assertEquals(DropReason.SPOOFED_DHCP, check(dhcpv6));
        SourceGuard server = guard().dhcpServer().build();
        assertNull(check(server, dhcpv6));
        assertNull(
                check(server, dhcp(67, 68, OWN).addresses(OWN_IP, "198.19.0.2").build()));
    }

    private static FrameBuilder dhcp(int from, int to, long client) {
        byte[] message = new byte[240];
        ByteBuffer.wrap(message)
                .putInt(0, 0x0101_0600)
                .putShort(28, (short) (client >>> 32))
                .putInt(30, (int) client);
        return FrameBuilder.udp4().macs(PEER, OWN).ports(from, to).payload(message);
    }

    /** A server does not look at the source port, so neither may the guard. */
    @Test
    void knowsDhcpByItsDestinationPortWhateverTheSourcePort() {
        for (int source : new int[] {1, 67, 68, 1068, 65_535}) {
            byte[] starving =
                    dhcp(source, 67, OTHER).addresses(OWN_IP, "198.19.0.2").build();
            assertEquals(DropReason.SPOOFED_DHCP, check(starving), "from port " + source);
            byte[] answer =
                    dhcp(source, 68, OWN).addresses(OWN_IP, "198.19.0.2").build();
            assertEquals(DropReason.SPOOFED_DHCP, check(answer), "an answer from port " + source);
        }
        assertNull(check(dhcp(1068, 67, OWN).addresses(OWN_IP, "198.19.0.2").build()), "for itself");
        byte[] answer6 = from(OWN, "fd00::1").ports(1547, 546).build();
        assertEquals(DropReason.SPOOFED_DHCP, check(answer6));
        SourceGuard server = guard().dhcpServer().build();
        byte[] relayed = dhcp(1068, 67, OTHER).addresses(OWN_IP, "198.19.0.2").build();
        assertNull(check(server, relayed), "a relay asks for others");
    }

    @Test
    void letsAnyLinkLocalAddressPassWhereTheWorkloadChoosesIt() {
        byte[] chosen = from(OWN, "fe80::1234:5678:9abc:def0").build();
        assertEquals(DropReason.SPOOFED_SOURCE_ADDRESS, check(chosen), "RFC 7217");
        SourceGuard any = guard().anyLinkLocal().build();
        assertNull(check(any, chosen));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(any, from(OWN, "fd00::9").build()));
    }

    @Test
    void letsOtherProtocolsPassButNotBrokenIp() {
        assertNull(check(FrameBuilder.ethernet(PEER, OWN, 0x88cc, new byte[50])), "LLDP");
        assertEquals(DropReason.SPOOFED_SOURCE_ADDRESS, check(FrameBuilder.ethernet(PEER, OWN, 0x0800, new byte[50])));
        assertEquals(
                DropReason.SPOOFED_SOURCE_ADDRESS,
                check(from(OWN, OWN_IP)
                        .tag(0x8100, 1)
                        .tag(0x8100, 1)
                        .tag(0x8100, 1)
                        .build()),
                "three tags");
    }

    /** Prefixes against a scan of all of them. */
    @Test
    void knowsPrefixesAsAPlainListDoes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int round = 0; round < Seed.rounds(300); round++) {
            List<AddressRanges.Range> list = new ArrayList<>();
            for (int i = random.nextInt(20); i > 0; i--) {
                list.add(AddressRanges.Range.of(few(random), few(random), random.nextInt(129)));
            }
            AddressRanges ranges = new AddressRanges(list);
            for (int i = 0; i < 200; i++) {
                long high = few(random);
                long low = few(random);
                boolean expected = list.stream()
                        .anyMatch(range -> AddressRanges.Range.of(high, low, range.length())
                                .equals(range));
                assertEquals(expected, ranges.contains(high, low), seed + ": " + list);
            }
        }
    }

    private static long few(SplittableRandom random) {
        long value = (long) random.nextInt(4) << 62 | random.nextInt(4);
        return random.nextInt(4) == 0 ? value | (long) random.nextInt(256) << random.nextInt(56) : value;
    }

    @Test
    void neverThrowsWhateverTheBytes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        byte[][] seeds = {
            FrameBuilder.arp(1, OWN, OWN_IP, 0, OWN_IP),
            dhcp(68, 67, OWN).build(),
            from(OWN, "fd00::1").build(),
            FrameBuilder.ip(58, "fd00::1", "ff02::1")
                    .macs(PEER, OWN)
                    .icmpType(136)
                    .ttl(255)
                    .payload(40)
                    .build()
        };
        for (int i = 0; i < Seed.rounds(200_000); i++) {
            byte[] frame = seeds[random.nextInt(seeds.length)].clone();
            for (int k = random.nextInt(4); k > 0; k--) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(frame, 14 + random.nextInt(frame.length - 13));
            Packet packet = Packets.frame(pool, cut);
            try {
                guard.violation(packet);
            } catch (RuntimeException e) {
                throw new AssertionError(seed.toString(), e);
            }
            pool.release(packet);
        }
    }
}
