package dev.peregrine.dataplane.testing;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes in a pool's buffers around those of packets. Code that reads outside of a packet, but within the pool,
 * throws nothing; its results differ when the same packet is processed in two surroundings.
 */
public final class Surroundings {
    private Surroundings() {}

    /** Fills all buffers of a pool, which must be full, with one byte. */
    public static void fill(PacketPool pool, int value) {
        List<Packet> all = new ArrayList<>();
        for (Packet packet = pool.acquire(); packet != null; packet = pool.acquire()) {
            packet.memory()
                    .asSlice(packet.floor(), packet.ceiling() - packet.floor())
                    .fill((byte) value);
            all.add(packet);
        }
        all.reversed().forEach(pool::release);
    }
}
