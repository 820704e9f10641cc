package dev.peregrine.gateway.fuzz;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.dataplane.testing.Surroundings;
import java.util.Arrays;

/** Any bytes as an Ethernet frame. */
final class FrameFuzz {
    private static final int MAX_FRAME = 9_000;
    private static final int SEGMENT = 100;

    private final PacketPool pool = new PacketPool(1, 1);

    /** Dissects the frame in two surroundings, and does what dissection permits. */
    void run(byte[] frame) {
        if (frame.length > MAX_FRAME) return;
        String zero = dissect(frame, 0);
        String ones = dissect(frame, 0xff);
        if (!zero.equals(ones)) throw new AssertionError("read outside of the frame: " + zero + " or " + ones);
    }

    private String dissect(byte[] frame, int surroundings) {
        Surroundings.fill(pool, surroundings);
        Packet packet = Packets.frame(pool, frame);
        try {
            check(packet.networkIndex(), packet);
            check(packet.transportIndex(), packet);
            if ((packet.protocol() != 0) != (packet.transportIndex() >= 0))
                throw new AssertionError("protocol " + packet.protocol() + " at " + packet.transportIndex());
            if (packet.flowHash() == 0) throw new AssertionError("no flow hash");
            String found = packet.etherType() + " " + packet.networkIndex() + " " + packet.protocol() + " "
                    + packet.transportIndex() + " " + packet.flowHash();
            int payload = Dissector.payloadIndex(packet);
            if (payload < 0) return found;
            check(payload, packet);
            TransportChecksum.makePartial(packet);
            TransportChecksum.complete(packet);
            if (payload + SEGMENT < packet.length()) packet.cut(payload, SEGMENT);
            return found + " " + packet.wirePackets() + " " + Arrays.hashCode(Packets.bytes(packet));
        } finally {
            pool.release(packet);
        }
    }

    private static void check(int index, Packet packet) {
        if (index > packet.headLength()) throw new AssertionError(index + " lies outside of " + packet);
    }
}
