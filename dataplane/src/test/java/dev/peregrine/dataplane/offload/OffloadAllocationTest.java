package dev.peregrine.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Counters;
import dev.peregrine.dataplane.testing.Allocation;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("allocation")
class OffloadAllocationTest {
    @Test
    void mergingAndCuttingAllocatesNothing() {
        try (PacketPool pool = new PacketPool(8, 256);
                Arena arena = Arena.ofConfined()) {
            MemorySegment scratch = arena.allocate(1 << 16);
            Segmenter segmenter = new Segmenter();
            long[] segments = new long[1];
            Coalescer coalescer =
                    new Coalescer(() -> Tunnel.HEADERS, true, false, new DropCounters(), new Counters(), batch -> {
                        for (int i = 0; i < batch.size(); i++) {
                            if (batch.packet(i).checksum() == Checksum.PARTIAL) {
                                segmenter.write(batch.packet(i), scratch, 0);
                            }
                            segments[0] += batch.packet(i).wirePackets();
                        }
                        batch.release();
                    });
            Packet original = Packets.aggregate(pool, datagrams());
            byte[] large = FrameBuilder.tcp4().payload(9_000).partialChecksum().build(Tunnel.PREFIX);
            Packet originalLarge = Packets.of(pool, large);
            Batch batch = new Batch();
            int rounds = 5_000;
            long bytes = Allocation.bytes(rounds, () -> {
                batch.add(copy(pool, original));
                batch.add(Objects.requireNonNull(pool.copy(originalLarge)));
                coalescer.accept(batch);
            });
            // A few hundred bytes are the probe's own, and the compiler's; one object per packet would be megabytes.
            assertEquals(0, bytes / rounds);
            assertEquals(0, segments[0] % (40 + 7));
            pool.release(original);
            pool.release(originalLarge);
        }
    }

    @Test
    void dissectingAllocatesNothing() {
        try (PacketPool pool = new PacketPool(4, 4)) {
            byte[] chain = {44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 9};
            Packet ipv4 = Packets.of(pool, FrameBuilder.tcp4().payload(9).build());
            Packet ipv6 =
                    Packets.of(pool, FrameBuilder.tcp6().extensions(0, chain).build());
            long bytes = Allocation.bytes(50_000, () -> {
                Dissector.dissect(ipv4, 0);
                Dissector.dissect(ipv6, 0);
            });
            assertEquals(0, bytes / 50_000);
        }
    }

    /** A copy that keeps the pieces of an aggregate. */
    private static Packet copy(PacketPool pool, Packet aggregate) {
        Packet copy = Objects.requireNonNull(pool.copy(aggregate));
        int length = copy.headLength();
        copy.view(copy.floor(), copy.offset(), copy.length());
        return Packets.pieces(copy, length);
    }

    private static List<byte[]> datagrams() {
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int gap = i % 7 == 0 ? 300 : 0; // some merge, some do not
            datagrams.add(FrameBuilder.tcp4()
                    .id(i)
                    .sequence(i * 300 + gap)
                    .payload(300)
                    .build(Tunnel.PREFIX));
        }
        return datagrams;
    }
}
