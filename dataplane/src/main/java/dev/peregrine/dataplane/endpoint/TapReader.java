package dev.peregrine.dataplane.endpoint;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.header.InternetChecksum;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames and superframes from a TAP queue into pooled buffers, one read each. The virtio header comes to lie in
 * the headroom, directly in front of the frame, so that the frame keeps all of {@link PacketPool#HEADROOM}.
 */
final class TapReader {
    private static final int CHECKSUM_LENGTH = 2;

    private final TapQueue queue;
    private final PacketPool pool;
    private final DropCounters drops;
    private @Nullable VirtioNetHeader header;
    private @Nullable Packet spare;

    TapReader(TapQueue queue, PacketPool pool, DropCounters drops) {
        this.queue = queue;
        this.pool = pool;
        this.drops = drops;
    }

    /** Adds what waits to the batch, with at most {@link Batch#CAPACITY} reads. */
    int poll(Batch batch) {
        int before = batch.size();
        for (int reads = 0; reads < Batch.CAPACITY && !batch.isFull(); reads++) {
            Packet packet = spare != null ? spare : pool.acquire();
            if (packet == null) {
                break;
            }
            long start = packet.address() - VirtioNetHeader.LENGTH;
            int length = queue.read(start, VirtioNetHeader.LENGTH + packet.tailroom()) - VirtioNetHeader.LENGTH;
            if (length < 0) {
                spare = packet;
                break;
            }
            spare = null;
            if (describe(packet.put(length))) {
                batch.add(packet);
            } else {
                drops.drop(packet, DropReason.INNER_HEADER_INVALID);
            }
        }
        return batch.size() - before;
    }

    /** Gives back the buffer that is kept for the next read. */
    void close() {
        if (spare != null) {
            pool.release(spare);
            spare = null;
        }
    }

    /** Turns what the virtio header says into the packet's state; false for what contradicts itself. */
    private boolean describe(Packet packet) {
        if (packet.length() < EthernetHeader.LENGTH) {
            return false;
        }
        Dissector.dissect(packet, 0);
        VirtioNetHeader virtio = header(packet);
        boolean partial = (virtio.flags() & VirtioNetHeader.NEEDS_CSUM) != 0;
        boolean agrees = partial && isTransportChecksum(packet, virtio);
        if (virtio.gsoType() != VirtioNetHeader.GSO_NONE) {
            return agrees && cut(packet.checksum(Checksum.PARTIAL), virtio);
        }
        if (agrees) {
            packet.checksum(Checksum.PARTIAL);
        } else if (partial) {
            return complete(packet, virtio.checksumStart(), virtio.checksumOffset());
        } else if ((virtio.flags() & VirtioNetHeader.DATA_VALID) != 0) {
            packet.checksum(Checksum.VERIFIED);
        }
        return true;
    }

    private VirtioNetHeader header(Packet packet) {
        if (header == null) {
            header = new VirtioNetHeader(packet.memory());
        }
        return header.wrap(packet.offset() - VirtioNetHeader.LENGTH);
    }

    /** Whether the checksum to be completed is the one that dissection found. */
    private static boolean isTransportChecksum(Packet packet, VirtioNetHeader virtio) {
        return Dissector.payloadIndex(packet) >= 0
                && virtio.checksumStart() == TransportChecksum.csumStart(packet)
                && virtio.checksumOffset() == TransportChecksum.csumOffset(packet);
    }

    private static boolean cut(Packet packet, VirtioNetHeader virtio) {
        int type = virtio.gsoType();
        boolean fits = switch (packet.protocol()) {
            case IpProtocol.TCP ->
                type == (Dissector.isIpv4(packet) ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6);
            case IpProtocol.UDP -> type == VirtioNetHeader.GSO_UDP_L4;
            default -> false;
        };
        if (!fits || virtio.gsoSize() == 0) {
            return false;
        }
        packet.cut(Dissector.payloadIndex(packet), virtio.gsoSize());
        return packet.segments() <= TapEndpoint.MAX_SEGMENTS;
    }

    /** Completes a checksum of whatever protocol: what the kernel would have done for a device that cannot. */
    private static boolean complete(Packet packet, int start, int offset) {
        int field = start + offset;
        if (field + CHECKSUM_LENGTH > packet.length()) {
            return false;
        }
        long sum = InternetChecksum.sum(packet.memory(), packet.offset() + start, packet.length() - start);
        int checksum = InternetChecksum.complement(sum);
        packet.setShort(field, checksum == 0 ? 0xffff : checksum);
        return true;
    }
}
