package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.VlanTags;
import dev.peregrine.dataplane.linux.socket.FrameVector;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/**
 * Receives frames and superframes of an interface into pooled buffers, many in one system call. It lends the buffers to
 * the kernel for that call only: between calls it holds none.
 */
final class InterfaceReader implements FrameReader {
    private static final int FRAMES = 16;

    private final InterfaceQueue queue;
    private final PacketPool pool;
    private final DropCounters drops;
    private final FrameVector frames = new FrameVector(FRAMES);
    private final VirtioNetHeader header = new VirtioNetHeader(frames.virtioHeaders());
    private final @Nullable Packet[] lent = new Packet[FRAMES];

    InterfaceReader(InterfaceQueue queue, PacketPool pool, DropCounters drops) {
        this.queue = queue;
        this.pool = pool;
        this.drops = drops;
    }

    /** Adds waiting frames to the batch, as many as it has room for; fewer where superframes come. */
    @Override
    public int poll(Batch batch) {
        int before = batch.size();
        int bytes = 0;
        int room;
        int received;
        do {
            room = lend(Math.min(FRAMES, Batch.CAPACITY - batch.size()));
            received = room == 0 ? 0 : receive(room);
            for (int i = 0; i < room; i++) {
                bytes += i < received ? frames.length(i) : 0;
                take(i, received, batch);
            }
        } while (room > 0 && received == room && bytes < TapReader.POLL_BYTES && !batch.isFull());
        return batch.size() - before;
    }

    private int receive(int room) {
        int received = queue.receive(frames, room);
        if (received == -Errno.EINVAL) {
            drops.add(DropReason.SUPERFRAME_UNSUPPORTED, 1); // of a kind that no virtio header describes
        }
        return Math.max(0, received);
    }

    private int lend(int room) {
        for (int i = 0; i < room; i++) {
            Packet packet = pool.acquire();
            if (packet == null) {
                return i;
            }
            lent[i] = packet;
            frames.buffer(i, packet.address(), packet.tailroom());
        }
        return room;
    }

    private void take(int i, int received, Batch batch) {
        Packet packet = lent[i];
        assert packet != null : "received into a buffer that was not lent";
        lent[i] = null;
        if (i >= received) {
            pool.release(packet);
            return;
        }
        packet.put(frames.length(i));
        DropReason refusal = describe(packet, i);
        if (refusal == null) {
            batch.add(packet);
        } else {
            int missing = frames.truncated(i) ? frames.wholeLength(i) - frames.length(i) : 0;
            drops.lose(packet, refusal, ReceivedFrame.wirePackets(packet, header, packet.length() + missing));
            pool.release(packet);
        }
    }

    private @Nullable DropReason describe(Packet packet, int i) {
        header.wrap(frames.virtioHeader(i));
        int tag = frames.tag(i);
        if (tag != FrameVector.NO_TAG && packet.length() >= EthernetHeader.LENGTH) {
            putTag(packet, tag);
            header.shift(VlanTags.LENGTH);
        }
        return ReceivedFrame.describe(packet, header, InterfaceEndpoint.MAX_SEGMENTS);
    }

    /** Puts the tag back that the kernel took out, between the MAC addresses and the EtherType. */
    private static void putTag(Packet packet, int tag) {
        long destination = packet.getMac(0);
        long source = packet.getMac(EthernetHeader.SOURCE);
        packet.push(VlanTags.LENGTH);
        packet.setMac(0, destination);
        packet.setMac(EthernetHeader.SOURCE, source);
        packet.setInt(EthernetHeader.ETHER_TYPE, tag);
    }

    @Override
    public void close() {
        frames.close();
    }
}
