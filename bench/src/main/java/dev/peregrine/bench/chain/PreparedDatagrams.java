package dev.peregrine.bench.chain;

import dev.peregrine.dataplane.packet.NativeMemory;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.load.VxlanFrames;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Datagrams that cost a source as little as possible, so that the measurement shows the gateway: every buffer holds one
 * from the beginning, and a packet only gets the 32 bytes in which flows differ, which were computed in advance. All
 * datagrams of a flow are equal, stamps included.
 */
final class PreparedDatagrams {
    /** From the inner IPv4 header on; to the UDP checksum it is 28 bytes. */
    private static final int FROM = VxlanFrames.NETWORK;

    private static final int WORDS = 4;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final int length;
    private final long[] differences;

    /** For all buffers of {@code pool}, of which none is in use. */
    PreparedDatagrams(PacketPool pool, Traffic traffic) {
        if (traffic.datagrams() != 1) {
            throw new IllegalArgumentException("aggregates cannot be prepared");
        }
        differences = new long[traffic.flows() * WORDS];
        try (Arena arena = Arena.ofConfined()) {
            VxlanFrames frames = traffic.frames(arena);
            length = frames.overhead() + traffic.payload();
            MemorySegment datagram = arena.allocate(length, Long.BYTES);
            for (int flow = 0; flow < traffic.flows(); flow++) {
                frames.write(datagram, 0, flow, 0, 0, 0, traffic.payload());
                for (int i = 0; i < WORDS; i++) {
                    differences[flow * WORDS + i] = datagram.get(LONG, FROM + (long) i * Long.BYTES);
                }
            }
            fill(pool, datagram);
        }
    }

    private void fill(PacketPool pool, MemorySegment datagram) {
        List<Packet> all = new ArrayList<>();
        for (Packet packet = pool.acquire(); packet != null; packet = pool.acquire()) {
            MemorySegment.copy(datagram, 0, packet.memory(), packet.offset(), length);
            all.add(packet);
        }
        all.forEach(pool::release);
    }

    /** Makes a fresh packet a datagram of a flow. */
    void write(Packet packet, int flow) {
        packet.put(length);
        long at = packet.address(FROM, WORDS * Long.BYTES);
        int from = flow * WORDS;
        for (int i = 0; i < WORDS; i++) {
            NativeMemory.putLong(at + (long) i * Long.BYTES, differences[from + i]);
        }
    }
}
