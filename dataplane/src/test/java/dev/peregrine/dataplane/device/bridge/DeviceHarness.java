package dev.peregrine.dataplane.device.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.stage.Stage;

/** Makes frames and asks stages about them. */
public final class DeviceHarness implements AutoCloseable {
    static final long BROADCAST = 0xffff_ffff_ffffL;

    private final PacketPool pool = new PacketPool(8, 8);
    private final Batch batch = new Batch();

    /** A frame of 60 bytes. */
    public Packet frame(long destination, long source, int segment, int inPort) {
        Packet packet = pool.acquire();
        assertNotNull(packet);
        packet.put(60).segment(segment).inPort(inPort);
        packet.setMac(0, destination);
        packet.setMac(6, source);
        packet.setShort(12, 0x0800);
        return packet;
    }

    /** The verdict of a stage on a packet, which stays with the caller. */
    public int verdict(Stage stage, Packet packet, long nowNanos) {
        batch.nowNanos(nowNanos);
        batch.add(packet);
        stage.process(batch);
        int verdict = batch.verdict(0);
        batch.clear();
        return verdict;
    }

    /** The verdict of a stage on a packet, which is released. */
    public int verdictOnce(Stage stage, Packet packet, long nowNanos) {
        int verdict = verdict(stage, packet, nowNanos);
        pool.release(packet);
        return verdict;
    }

    public void release(Packet packet) {
        pool.release(packet);
    }

    @Override
    public void close() {
        assertEquals(true, pool.isFull(), "a packet was lost");
        pool.close();
    }
}
