package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames and superframes from a TAP queue into pooled buffers, one read each. The virtio header lies in the
 * headroom, directly in front of the frame, so that the frame keeps all of {@link PacketPool#HEADROOM}. Between reads
 * the reader holds no buffer: a pool may have thousands of readers.
 */
final class TapReader implements FrameReader {
    /**
     * Bytes after which a poll ends: that many bytes of superframes take the worker as long as a batch of small frames.
     */
    static final int POLL_BYTES = 512 << 10;

    private final TapQueue queue;
    private final PacketPool pool;
    private final DropCounters drops;
    private @Nullable VirtioNetHeader header;

    TapReader(TapQueue queue, PacketPool pool, DropCounters drops) {
        this.queue = queue;
        this.pool = pool;
        this.drops = drops;
    }

    /** Adds waiting frames to the batch, with at most {@link Batch#CAPACITY} reads, and few where superframes come. */
    @Override
    public int poll(Batch batch) {
        int before = batch.size();
        int bytes = 0;
        for (int reads = 0; reads < Batch.CAPACITY && bytes < POLL_BYTES && !batch.isFull(); reads++) {
            Packet packet = pool.acquire();
            if (packet == null) {
                break;
            }
            long start = packet.address() - VirtioNetHeader.LENGTH;
            int result = queue.read(start, VirtioNetHeader.LENGTH + packet.tailroom());
            int length = result - VirtioNetHeader.LENGTH;
            if (length < 0) {
                pool.release(packet);
                if (result == -Errno.EINVAL) {
                    drops.add(DropReason.SUPERFRAME_UNSUPPORTED, 1); // of a kind that no virtio header describes
                    continue;
                }
                break;
            }
            bytes += length;
            take(packet.put(length), batch);
        }
        return batch.size() - before;
    }

    private void take(Packet packet, Batch batch) {
        VirtioNetHeader virtio = header(packet);
        DropReason refusal = ReceivedFrame.describe(packet, virtio, TapEndpoint.MAX_SEGMENTS);
        if (refusal == null) {
            batch.add(packet);
        } else {
            drops.lose(packet, refusal, ReceivedFrame.wirePackets(packet, virtio, packet.length()));
            pool.release(packet);
        }
    }

    private VirtioNetHeader header(Packet packet) {
        if (header == null) {
            header = new VirtioNetHeader(packet.memory());
        }
        return header.wrap(packet.offset() - VirtioNetHeader.LENGTH);
    }
}
