package dev.peregrine.dataplane.observe;

import static dev.peregrine.dataplane.observe.PacketFilter.ANY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.observe.PacketFilter.Protocol;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.policy.match.Network;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketFilterTest {
    private static final int VNI = 42;
    private static final int FRAMES = 300;
    private static final int FILTERS = 30;
    private static final int TUNNEL = 8;
    private static final byte[] NO_BYTES = {};
    private static final List<String> ADDRESSES4 = List.of("198.19.0.1", "198.19.0.2", "198.19.1.1", "10.0.0.1");
    private static final List<String> ADDRESSES6 = List.of("fd00::1", "fd00::2", "fd00:0:0:1::1", "fd01::1");

    private final PacketPool pool = new PacketPool(4, 4);

    @AfterEach
    void close() {
        assertTrue(pool.isFull(), "a packet was not released");
        pool.close();
    }

    /** The properties of a frame, from its maker: the reference never looks at its bytes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Made(
            String kind,
            long destinationMac,
            long sourceMac,
            String source,
            String destination,
            int from,
            int to,
            byte[] bytes) {}

    @SeededTest
    void aFilterMatchesWhatItsConditionsSayOnBothSidesOfTheTunnelHeader() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        int matches = 0;
        for (int i = 0; i < FILTERS; i++) {
            PacketFilter filter = filter(random);
            for (int k = 0; k < FRAMES / FILTERS * 5; k++) {
                Made made = made(random);
                int vni = VNI + random.nextInt(2);
                boolean expected = expected(filter, made, vni);
                String message = seed + " " + filter + " " + made;
                assertEquals(expected, matches(filter, made.bytes(), 0, vni), message);
                assertEquals(expected, matches(filter, made.bytes(), TUNNEL, vni), message);
                matches += expected ? 1 : 0;
            }
        }
        assertTrue(matches > 0, seed + " nothing matched");
    }

    private boolean matches(PacketFilter filter, byte[] frame, int front, int vni) {
        Packet packet = Packets.of(pool, Packets.concatenate(List.of(new byte[front], frame)));
        Dissector.dissect(packet, front);
        boolean matches = filter.matches(packet, front, vni);
        pool.release(packet);
        return matches;
    }

    private static Made made(SplittableRandom random) {
        long destination = 0x02_00_00_00_00_00L + random.nextInt(3);
        long source = 0x02_00_00_00_00_00L + random.nextInt(3);
        boolean isIpv6 = random.nextBoolean();
        List<String> addresses = isIpv6 ? ADDRESSES6 : ADDRESSES4;
        String from = addresses.get(random.nextInt(addresses.size()));
        String to = addresses.get(random.nextInt(addresses.size()));
        int sourcePort = 80 + random.nextInt(3);
        int destinationPort = 80 + random.nextInt(3);
        String kind = List.of("tcp", "udp", "icmp", "arp", "other", "fragment").get(random.nextInt(6));
        if (kind.equals("arp")) {
            String sender = ADDRESSES4.get(random.nextInt(ADDRESSES4.size()));
            String target = ADDRESSES4.get(random.nextInt(ADDRESSES4.size()));
            byte[] bytes = FrameBuilder.arp(2, source, sender, destination, target);
            return new Made("arp", destination, source, sender, target, ANY, ANY, bytes);
        }
        if (kind.equals("other")) {
            byte[] bytes = FrameBuilder.ethernet(destination, source, 0x88cc, new byte[60]);
            return new Made("other", destination, source, "", "", ANY, ANY, bytes);
        }
        if (kind.equals("fragment")) {
            byte[] bytes = FrameBuilder.ip(17, ADDRESSES4.getFirst(), ADDRESSES4.getLast())
                    .macs(destination, source)
                    .fragmentBits(100)
                    .payload(64)
                    .build();
            return new Made("udp", destination, source, ADDRESSES4.getFirst(), ADDRESSES4.getLast(), ANY, ANY, bytes);
        }
        FrameBuilder builder = switch (kind) {
            case "tcp" -> isIpv6 ? FrameBuilder.tcp6() : FrameBuilder.tcp4();
            case "udp" -> isIpv6 ? FrameBuilder.udp6() : FrameBuilder.udp4();
            default -> isIpv6 ? FrameBuilder.echo6() : FrameBuilder.echo4();
        };
        builder.macs(destination, source).addresses(from, to).payload(random.nextInt(100));
        if (random.nextInt(3) == 0) {
            builder.tag(0x8100, random.nextInt(1, 4000));
        }
        boolean hasPorts = !kind.equals("icmp");
        if (hasPorts) {
            builder.ports(sourcePort, destinationPort);
        }
        String name = hasPorts ? kind : isIpv6 ? "icmp6" : "icmp";
        return new Made(
                name,
                destination,
                source,
                from,
                to,
                hasPorts ? sourcePort : ANY,
                hasPorts ? destinationPort : ANY,
                builder.build());
    }

    private static PacketFilter filter(SplittableRandom random) {
        Protocol[] protocols = Protocol.values();
        return new PacketFilter(
                random.nextInt(3) == 0 ? VNI : ANY,
                random.nextInt(4) == 0 ? 0x02_00_00_00_00_00L + random.nextInt(3) : ANY,
                random.nextInt(4) == 0 ? 0x02_00_00_00_00_00L + random.nextInt(3) : ANY,
                random.nextInt(3) == 0 ? network(random) : null,
                random.nextInt(3) == 0 ? network(random) : null,
                random.nextInt(4) == 0 ? 80 + random.nextInt(3) : ANY,
                random.nextInt(3) == 0 ? protocols[random.nextInt(protocols.length)] : null,
                null);
    }

    private static Network network(SplittableRandom random) {
        boolean isIpv6 = random.nextBoolean();
        List<String> addresses = isIpv6 ? ADDRESSES6 : ADDRESSES4;
        byte[] address = InetAddress.ofLiteral(addresses.get(random.nextInt(addresses.size())))
                .getAddress();
        return Network.of(address, random.nextInt(address.length * Byte.SIZE + 1));
    }

    private static boolean expected(PacketFilter filter, Made made, int vni) {
        return (filter.vni() == ANY || filter.vni() == vni)
                && (filter.sourceMac() == ANY || filter.sourceMac() == made.sourceMac())
                && (filter.destinationMac() == ANY || filter.destinationMac() == made.destinationMac())
                && contains(filter.source(), made.source())
                && contains(filter.destination(), made.destination())
                && (filter.port() == ANY || filter.port() == made.from() || filter.port() == made.to())
                && is(filter.protocol(), made.kind());
    }

    /** Bit by bit, on the text of an address. */
    private static boolean contains(@Nullable Network network, String address) {
        if (network == null) {
            return true;
        }
        byte[] bytes =
                address.isEmpty() ? NO_BYTES : InetAddress.ofLiteral(address).getAddress();
        if (bytes.length != (network.family() == 4 ? 4 : 16)) {
            return false;
        }
        for (int bit = 0; bit < network.length(); bit++) {
            long half = bit < 64 ? network.high() : network.low();
            boolean isSet = ((half >>> (63 - (bit & 63))) & 1) != 0;
            if (isSet != (((bytes[bit / 8] >>> (7 - (bit & 7))) & 1) != 0)) {
                return false;
            }
        }
        return true;
    }

    private static boolean is(@Nullable Protocol protocol, String kind) {
        if (protocol == null) {
            return true;
        }
        return switch (protocol) {
            case TCP -> kind.equals("tcp");
            case UDP -> kind.equals("udp");
            case ICMP -> kind.startsWith("icmp");
            case ICMP6 -> kind.equals("icmp6");
            case ARP -> kind.equals("arp");
            case ND -> false;
        };
    }

    @Test
    void neighbourDiscoveryIsFiveTypes() {
        PacketFilter filter = new PacketFilter(ANY, ANY, ANY, null, null, ANY, Protocol.ND, null);
        for (int type = 128; type < 143; type++) {
            byte[] frame = FrameBuilder.echo6().icmpType(type).payload(32).build();
            assertEquals(type >= 133 && type <= 137, matches(filter, frame, 0, VNI), "type " + type);
        }
    }

    @Test
    void shortFramesMatchNothingThatTheyDoNotHold() {
        byte[] whole = FrameBuilder.tcp4().macs(2, 1).ports(80, 81).build();
        PacketFilter filter = new PacketFilter(ANY, 1, 2, null, null, 80, Protocol.TCP, null);
        assertTrue(matches(filter, whole, 0, VNI));
        for (int length = 0; length < whole.length; length++) {
            assertFalse(matches(filter, Arrays.copyOf(whole, length), 0, VNI), "length " + length);
        }
    }

    @Test
    void matchingAllocatesNothing() {
        PacketFilter filter = new PacketFilter(
                VNI, 1, 2, Network.of(new byte[] {(byte) 198, 19, 0, 0}, 16), null, 81, Protocol.TCP, null);
        Packet packet =
                Packets.frame(pool, FrameBuilder.tcp4().macs(2, 1).ports(80, 81).build());
        assertTrue(filter.matches(packet, 0, VNI));
        assertEquals(0, Allocation.bytes(10_000, () -> filter.matches(packet, 0, VNI)));
        pool.release(packet);
    }
}
