package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.dataplane.testing.Seed;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.vxlan.Frames;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.SendRoom;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import dev.peregrine.vxlan.underlay.VtepCounters;
import dev.peregrine.vxlan.underlay.socket.UnderlayEnd.Wishes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The offloads change how datagrams travel, never their bytes. */
class SegmentationTest {
    static UnaryOperator<UnderlaySettings> offloads(boolean checksum, boolean gro, boolean gso) {
        return s -> new UnderlaySettings(
                s.local(),
                s.port(),
                s.device(),
                s.firstSourcePort(),
                s.lastSourcePort(),
                checksum,
                s.df(),
                gro,
                gso,
                s.receiveBufferBytes());
    }

    private interface Traffic {
        Packet[] packets(UnderlayEnd sender, int tunnelPort);
    }

    private static List<byte[]> carried(String address, boolean gro, boolean gso, int count, Traffic traffic)
            throws IOException {
        int senderPort = UnderlayEnd.freePort();
        int receiverPort = UnderlayEnd.freePort();
        try (UnderlayEnd sender =
                        new UnderlayEnd(address, senderPort, receiverPort, Wishes.settings(offloads(true, true, gso)));
                UnderlayEnd receiver = new UnderlayEnd(
                        address, receiverPort, senderPort, Wishes.settings(offloads(true, gro, true)))) {
            int tunnel = sender.know(address);
            sender.send(traffic.packets(sender, tunnel));
            List<byte[]> datagrams = receiver.datagrams(count);
            assertEquals(0, sender.drops.total());
            assertEquals(count, sender.underlay.vtepCounters().sentDatagrams(Ports.tunnelIndex(tunnel)));
            assertEquals(gso, sender.underlay.offloads().get(1).enabled());
            return datagrams;
        }
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "datagram " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 2000, 1000",
        "127.0.0.1, 2001, 1000",
        "127.0.0.1, 60000, 1400",
        "127.0.0.1, 65000, 1400", // more than 65,507 bytes with the headers
        "127.0.0.1, 5000, 20", // more than 64 segments
        "127.0.0.1, 12000, 18", // more than the queue holds
        "127.0.0.1, 60000, 40000",
        "::1, 65000, 1400",
        "::1, 5000, 20",
    })
    void superframeGivesTheSameDatagramsWithAndWithoutOffloads(String address, int payload, int segmentSize)
            throws IOException {
        int count = (payload + segmentSize - 1) / segmentSize;
        Traffic traffic = (sender, tunnel) -> new Packet[] {sender.superframe(1000, payload, segmentSize, tunnel)};
        List<byte[]> plain = carried(address, false, false, count, traffic);
        assertEquals(count, plain.size());
        assertSame(plain, carried(address, false, true, count, traffic));
        assertSame(plain, carried(address, true, true, count, traffic));
        assertSame(plain, carried(address, true, false, count, traffic));
    }

    @Test
    void everySegmentIsAWholeFrameWithARightChecksum() throws IOException {
        Traffic traffic = (sender, tunnel) -> new Packet[] {sender.superframe(1000, 3500, 1000, tunnel)};
        int payload = 0;
        List<byte[]> datagrams = carried("127.0.0.1", true, true, 4, traffic);
        assertEquals(4, datagrams.size());
        try (UnderlayEnd end = new UnderlayEnd("127.0.0.1", UnderlayEnd.freePort(), 1, Wishes.NONE)) {
            for (byte[] datagram : datagrams) {
                Packet packet = Frames.datagram(end.pool, datagram);
                assertEquals(Frames.header(UnderlayEnd.VNI), packet.getLong(0));
                assertEquals(datagram.length, Dissector.ipEnd(packet));
                assertTrue(TransportChecksum.verify(packet));
                payload += datagram.length - 8 - Frames.IPV4_UDP;
                end.pool.release(packet);
            }
        }
        assertEquals(3500, payload);
    }

    @Test
    void mixtureOfPlainFramesAndSuperframesKeepsBytesAndOrder() throws IOException {
        long seed = System.nanoTime();
        for (int round = 0; round < Seed.rounds(20); round++) {
            long roundSeed = seed + round;
            int[] count = new int[1];
            Traffic traffic = (sender, tunnel) -> {
                Random random = new Random(roundSeed);
                Packet[] packets = new Packet[1 + random.nextInt(40)];
                count[0] = 0;
                for (int i = 0; i < packets.length; i++) {
                    int length = random.nextInt(4) * 100;
                    packets[i] = random.nextInt(4) == 0
                            ? sender.superframe(1000, 1000 + length, 300, tunnel)
                            : sender.frame(1000, length, tunnel);
                    packets[i].outerTos(random.nextInt(8) == 0 ? 4 : 0);
                    count[0] += packets[i].wirePackets();
                }
                return packets;
            };
            List<byte[]> plain = carriedCounted(false, count, traffic);
            List<byte[]> offloaded = carriedCounted(true, count, traffic);
            assertEquals(count[0], plain.size(), "seed " + roundSeed);
            assertSame(plain, offloaded);
        }
    }

    private static List<byte[]> carriedCounted(boolean offloads, int[] count, Traffic traffic) throws IOException {
        int senderPort = UnderlayEnd.freePort();
        int receiverPort = UnderlayEnd.freePort();
        try (UnderlayEnd sender = new UnderlayEnd(
                        "127.0.0.1", senderPort, receiverPort, Wishes.settings(offloads(true, true, offloads)));
                UnderlayEnd receiver = new UnderlayEnd(
                        "127.0.0.1", receiverPort, senderPort, Wishes.settings(offloads(true, offloads, true)))) {
            sender.send(traffic.packets(sender, sender.know("127.0.0.1")));
            return receiver.datagrams(count[0]);
        }
    }

    @Test
    void equalPlainFramesTravelAsOneMessage() throws IOException {
        int senderPort = UnderlayEnd.freePort();
        int receiverPort = UnderlayEnd.freePort();
        try (UnderlayEnd sender = new UnderlayEnd("127.0.0.1", senderPort, receiverPort, Wishes.NONE);
                UnderlayEnd receiver = new UnderlayEnd("127.0.0.1", receiverPort, senderPort, Wishes.NONE)) {
            int tunnel = sender.know("127.0.0.1");
            sender.send(
                    sender.frame(1000, 100, tunnel),
                    sender.frame(1000, 100, tunnel),
                    sender.frame(1000, 50, tunnel),
                    sender.frame(1000, 100, tunnel),
                    sender.frame(1000, 100, tunnel).outerTos(4));
            Batch batch = receiver.receive(5);
            assertEquals(3, batch.size());
            assertEquals(3, batch.packet(0).wirePackets());
            assertEquals(1, batch.packet(1).wirePackets());
            assertEquals(1, batch.packet(2).wirePackets());
            assertEquals(4, batch.packet(2).outerTos());
            batch.release();
        }
    }

    @Test
    void refusedSegmentationIsSwitchedOffForAWhileAndNothingIsLost() throws IOException {
        int senderPort = UnderlayEnd.freePort();
        int receiverPort = UnderlayEnd.freePort();
        // Without a UDP checksum the kernel answers UDP_SEGMENT with EINVAL; the queue is not told.
        UnderlaySettings settings =
                offloads(false, true, true).apply(UnderlaySettings.of(InetAddress.ofLiteral("127.0.0.1"), senderPort));
        try (UnderlayEnd packets = new UnderlayEnd("127.0.0.1", senderPort, receiverPort, Wishes.NONE);
                UnderlayEnd receiver = new UnderlayEnd("127.0.0.1", receiverPort, senderPort, Wishes.NONE);
                SourcePorts ports = SourcePorts.open(
                        new SourcePorts.Share(settings, 0, 1, SendRoom.of(StandardProtocolFamily.INET)), 16)) {
            int tunnel = packets.know("127.0.0.1");
            int slots = packets.vteps.slots();
            VtepCounters counters = new VtepCounters(slots);
            Segmentation segmentation = new Segmentation(new Offload("gso", true, "UDP_SEGMENT"), slots);
            SendErrors errors = new SendErrors(packets.vteps, packets.address, packets.drops, counters);
            try (Sender sender = new Sender(packets.vteps, packets.drops, ports, segmentation, errors, counters)) {
                Batch batch = new Batch();
                batch.add(packets.superframe(1000, 5000, 1000, tunnel));
                batch.add(packets.frame(1000, 1000, tunnel));
                sender.send(batch);
                assertEquals(6, receiver.datagrams(6).size());
                Offload gso = segmentation.offload();
                assertFalse(gso.enabled());
                assertTrue(gso.reason().contains("EINVAL"), gso.reason());
                assertEquals(0, packets.drops.total());
                for (int i = 0; i < Segmentation.FIRST_PAUSE; i++) {
                    sender.tick();
                }
                assertTrue(segmentation.offload().enabled(), "tried again");
            }
        }
    }

    @Test
    @Tag("live")
    void frameOverTheMtuTakesNoShorterOneWithIt() throws IOException {
        withMtu1500(true, (sender, receiver) -> {
            int tunnel = sender.know("127.0.0.1");
            sender.send(
                    sender.frame(1000, 1500, tunnel), sender.frame(1000, 1500, tunnel), sender.frame(1000, 60, tunnel));
            assertEquals(8 + Frames.IPV4_UDP + 60, receiver.datagrams(1).getFirst().length);
            assertEquals(2, sender.dropped(DropReason.UNDERLAY_REFUSED));
            assertEquals(Errno.EMSGSIZE, sender.underlay.vtepCounters().lastErrno(Ports.tunnelIndex(tunnel)));
            assertTrue(sender.underlay.offloads().getLast().enabled());
        });
    }

    @Test
    @Tag("live")
    void withoutDfSegmentsOverTheMtuAreFragmented() throws IOException {
        withMtu1500(false, (sender, receiver) -> {
            int tunnel = sender.know("127.0.0.1");
            sender.send(sender.superframe(1000, 5000, 2000, tunnel));
            List<byte[]> datagrams = receiver.datagrams(3);
            assertEquals(3, datagrams.size());
            assertEquals(8 + Frames.IPV4_UDP + 2000, datagrams.getFirst().length);
            assertEquals(0, sender.drops.total());
        });
    }

    private static void withMtu1500(boolean df, UnderlayEnd.Exchange exchange) throws IOException {
        Wishes wishes = Wishes.settings(s -> new UnderlaySettings(
                s.local(),
                s.port(),
                s.device(),
                s.firstSourcePort(),
                s.lastSourcePort(),
                true,
                df,
                true,
                true,
                s.receiveBufferBytes()));
        try (Namespace namespace = Live.namespace()) {
            namespace.ip("link set lo mtu 1500 up");
            UnderlayEnd.within(namespace, wishes, exchange);
        }
    }
}
