package dev.peregrine.dataplane.policy.match;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.Packets;
import java.net.InetAddress;

/** Reads frames as a policy stage does. */
final class Reader implements AutoCloseable {
    private final PacketPool pool = new PacketPool(1, 1);
    private final FrameFields fields = new FrameFields();

    /** The fields of a frame that rules can be applied to. */
    FrameFields fields(byte[] frame) {
        assertTrue(read(frame), "not readable");
        return fields;
    }

    /** Whether rules can be applied to a frame. */
    boolean read(byte[] frame) {
        Packet packet = Packets.frame(pool, frame);
        boolean readable = fields.read(packet);
        pool.release(packet);
        return readable;
    }

    static byte[] bytes(String address) {
        return InetAddress.ofLiteral(address).getAddress();
    }

    @Override
    public void close() {
        pool.close();
    }
}
