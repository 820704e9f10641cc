package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Reference;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.SeededTest;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages whose inner lengths lie about what they hold. */
class MergedMessageTest {
    private static final int IP_LENGTH = 8 + 14 + 2;
    private static final int SIZE = 300;

    private final Tunnel tunnel = Tunnel.merging();

    @AfterEach
    void close() {
        tunnel.close();
    }

    private static byte[] datagram(FrameBuilder frame, long network) {
        return frame.build(Tunnel.prefix(network));
    }

    private static FrameBuilder udp(int id) {
        return FrameBuilder.udp4().id(id).payload(SIZE);
    }

    /** A superframe as a workload sends it: at each stride of its payload lies a datagram of another network. */
    private Packet forged(long network) {
        byte[] message = datagram(FrameBuilder.udp4().payload(3 * SIZE - 50).partialChecksum(), Tunnel.NETWORK_42);
        byte[] inside = datagram(FrameBuilder.udp4().payload(SIZE - 50), network);
        for (int at = SIZE; at + SIZE <= message.length; at += SIZE) {
            System.arraycopy(inside, 0, message, at, inside.length);
        }
        Reference.setShort(message, IP_LENGTH, SIZE - 8 - 14);
        return Packets.pieces(Packets.of(tunnel.pool, message), SIZE);
    }

    @Test
    void takesNoPayloadForADatagramOfAnotherNetwork() {
        assertEquals(List.of(), tunnel.receive(forged(Tunnel.NETWORK_43)));
        assertEquals(3, tunnel.drops.count(DropReason.UNDERLAY_AMBIGUOUS));
        assertEquals(3, tunnel.counters.segments(), "what is dropped has arrived");
    }

    @Test
    void takesNoPayloadForADatagramOfANetworkThatIsNone() {
        assertEquals(List.of(), tunnel.receive(forged(0)));
        assertEquals(3, tunnel.drops.count(DropReason.SUPERFRAME_UNSUPPORTED));
    }

    /** In its own network it may send what it likes. */
    @Test
    void mayTakePayloadForADatagramOfItsOwnNetwork() {
        for (Packet packet : tunnel.receive(forged(Tunnel.NETWORK_42))) {
            assertEquals(Tunnel.NETWORK_42, packet.getLong(0));
        }
    }

    /** Its IP length covers what the kernel merged behind it, which is another network's. */
    @Test
    void givesNoDatagramAwayToOneWhoseLengthCoversIt() {
        for (FrameBuilder thief : List.of(udp(1), FrameBuilder.tcp4().payload(SIZE - 12))) {
            byte[] first = datagram(thief, Tunnel.NETWORK_42);
            Reference.setShort(first, IP_LENGTH, 2 * first.length - 8 - 14);
            byte[] second = datagram(udp(2), Tunnel.NETWORK_43);
            assertEquals(List.of(), tunnel.receive(List.of(first, second)));
        }
        assertEquals(4, tunnel.drops.count(DropReason.UNDERLAY_AMBIGUOUS));
    }

    /** A workload may rewrite the headers of a superframe of UDP that its kernel made. */
    @Test
    void believesNoProtocolOfTheInnerFrame() {
        byte[] second = datagram(udp(2), Tunnel.NETWORK_43);
        List<FrameBuilder> shapes = List.of(
                FrameBuilder.tcp4().payload(SIZE - 12),
                FrameBuilder.tcp6().payload(SIZE - 32),
                FrameBuilder.echo4().payload(SIZE),
                FrameBuilder.ip(4, "10.0.0.1", "10.0.0.2").payload(SIZE + 8));
        for (FrameBuilder shape : shapes) {
            byte[] first = datagram(shape, Tunnel.NETWORK_42);
            assertEquals(second.length, first.length);
            assertEquals(List.of(), tunnel.receive(List.of(first, second)));
        }
        assertEquals(2L * shapes.size(), tunnel.drops.count(DropReason.UNDERLAY_AMBIGUOUS));
    }

    /** Reserved bits of headers say nothing about the network. */
    @Test
    void takesDatagramsOfOneNetworkWhateverElseTheirHeadersSay() {
        byte[] first = datagram(udp(1), Tunnel.NETWORK_42);
        byte[] second = datagram(udp(2), Tunnel.NETWORK_42 | 1);
        byte[] third = datagram(udp(3), Tunnel.NETWORK_42 & 0xffff_ffffL);
        assertEquals(3, tunnel.receive(List.of(first, second, third)).size());
        assertEquals(0, tunnel.drops.total());
    }

    /** From a wire come datagrams alone, whatever networks they are of. */
    @Test
    void believesAWire() {
        try (Tunnel wire = Tunnel.onWire()) {
            byte[] both = Arrays.copyOf(datagram(udp(1), Tunnel.NETWORK_42), 2 * (8 + 42 + SIZE));
            System.arraycopy(datagram(udp(2), Tunnel.NETWORK_43), 0, both, 8 + 42 + SIZE, 8 + 42 + SIZE);
            List<Packet> packets = wire.receive(Packets.pieces(Packets.of(wire.pool, both), 8 + 42 + SIZE));
            assertEquals(
                    List.of(Tunnel.NETWORK_42, Tunnel.NETWORK_43),
                    packets.stream().map(packet -> packet.getLong(0)).toList());
            assertEquals(0, wire.drops.total());
        }
    }

    /** A message whose datagrams were received apart is no message of the kernel's. */
    @Test
    void believesDatagramsThatLieApart() {
        byte[] both = Arrays.copyOf(datagram(udp(1), Tunnel.NETWORK_42), 2_048 + 8 + 42 + SIZE);
        System.arraycopy(datagram(udp(2), Tunnel.NETWORK_43), 0, both, 2_048, 8 + 42 + SIZE);
        Packet packet = Packets.of(tunnel.pool, both);
        packet.view(packet.floor(), packet.offset(), 8 + 42 + SIZE);
        packet.slices(packet.offset() + 2_048, 2_048, 8 + 42 + SIZE, 1, 8 + 42 + SIZE);
        assertEquals(2, tunnel.receive(packet).size());
    }

    /** Pieces of every size and any bytes: no packet is lost, none is read across the message's end. */
    @SeededTest
    void takesMessagesOfAnyBytes() {
        Seed seed = Seed.ofThisRun();
        SplittableRandom random = seed.random();
        for (int i = 0; i < 500; i++) {
            byte[] message = datagram(frame(random), random.nextBoolean() ? Tunnel.NETWORK_42 : Tunnel.NETWORK_43);
            int size = 1 + random.nextInt(message.length - 1);
            for (int at = size; at + 8 <= message.length && random.nextInt(8) > 0; at += size) {
                byte[] header = Tunnel.prefix(random.nextBoolean() ? Tunnel.NETWORK_42 : Tunnel.NETWORK_43);
                System.arraycopy(header, 0, message, at, 8);
            }
            for (int hits = random.nextInt(4); hits > 0; hits--) {
                message[random.nextInt(Math.min(message.length, 80))] = (byte) random.nextInt(256);
            }
            long counted = tunnel.drops.total();
            List<Packet> packets = tunnel.receive(Packets.pieces(Packets.of(tunnel.pool, message), size));
            int bytes = packets.stream().mapToInt(Packet::length).sum();
            assertTrue(bytes <= message.length, seed + ", message " + i);
            assertTrue(!packets.isEmpty() || tunnel.drops.total() > counted, seed + ", message " + i);
        }
    }

    private static FrameBuilder frame(SplittableRandom random) {
        FrameBuilder frame = switch (random.nextInt(4)) {
            case 0 -> FrameBuilder.udp4();
            case 1 -> FrameBuilder.udp6();
            case 2 -> FrameBuilder.tcp4();
            default -> FrameBuilder.tcp6();
        };
        for (int tags = random.nextInt(3); tags > 0; tags--) {
            frame.tag(0x8100, tags);
        }
        return frame.payload(1 + random.nextInt(2_000)).partialChecksum();
    }
}
