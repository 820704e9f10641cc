package dev.peregrine.dataplane.endpoint.device;

import static dev.peregrine.dataplane.linux.tun.TapOffload.CHECKSUM;
import static dev.peregrine.dataplane.linux.tun.TapOffload.TSO4;
import static dev.peregrine.dataplane.linux.tun.TapOffload.TSO6;
import static dev.peregrine.dataplane.linux.tun.TapOffload.TSO_ECN;
import static dev.peregrine.dataplane.linux.tun.TapOffload.USO;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.header.IpProtocol;
import dev.peregrine.dataplane.header.TcpHeader;
import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames and superframes to a device, one {@code writev} each: virtio header, head, fragments. A packet that the
 * device does not take that way it gets segment by segment, with completed checksums.
 */
final class FrameWriter {
    /** Room for the headers of 64 segments of 256 bytes; those of more are written a part at a time. */
    private static final int SCRATCH_LENGTH = 64 * 256;

    private final DeviceQueue queue;
    private final DropCounters drops;
    private final TapOffloadSwitches offloads;
    private final Segmenter segmenter = new Segmenter();
    private final IoVector iovecs = new IoVector(IoVector.MAX_CAPACITY);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment scratch = arena.allocate(SCRATCH_LENGTH, 64);
    private final MemorySegment block = arena.allocate(VirtioNetHeader.LENGTH, 8);
    private final VirtioNetHeader header = new VirtioNetHeader(block).wrap(0);
    private final TcpHeader tcp = new TcpHeader();

    FrameWriter(DeviceQueue queue, TapOffloadSwitches offloads, DropCounters drops) {
        this.queue = queue;
        this.offloads = offloads;
        this.drops = drops;
    }

    void accept(Batch batch) {
        int written = 0;
        try {
            for (; written < batch.size(); written++) {
                write(batch.packet(written));
            }
        } finally {
            batch.release(written);
        }
    }

    void close() {
        iovecs.close();
        arena.close();
    }

    private void write(Packet packet) {
        if (queue.isGone()) {
            drops.lose(packet, DropReason.PORT_DOWN, packet.wirePackets());
            return;
        }
        TapOffload offload = offloadFor(packet);
        if (offload == null) {
            countUnlessWritten(writeWhole(packet), packet, packet.wirePackets());
            return;
        }
        if (!offloads.isOn(offload)) {
            writeSegments(packet);
            return;
        }
        int result = writeWhole(packet);
        if (result != -Errno.EIO && result != -Errno.EINVAL) {
            countUnlessWritten(result, packet, packet.wirePackets());
        } else if (writeSegments(packet)) {
            // A device that is down refuses plain frames with the same errno. Here they passed, unless it came up
            // meanwhile.
            offloads.switchOff(offload, result, packet.wirePackets());
        }
    }

    /** The offload that the device needs to take the packet as it is; null for nothing. */
    private @Nullable TapOffload offloadFor(Packet packet) {
        if (!packet.isSuperframe()) {
            return packet.checksum() == Checksum.PARTIAL ? CHECKSUM : null;
        }
        if (packet.protocol() == IpProtocol.UDP) {
            return USO;
        }
        if (hasCwr(packet)) {
            return TSO_ECN;
        }
        return Dissector.isIpv4(packet) ? TSO4 : TSO6;
    }

    private boolean hasCwr(Packet packet) {
        return (tcp.wrap(packet, packet.transportIndex()).flags() & TcpHeader.CWR) != 0;
    }

    private int writeWhole(Packet packet) {
        header.clear();
        if (packet.checksum() == Checksum.PARTIAL) {
            header.needsChecksum(TransportChecksum.csumStart(packet), TransportChecksum.csumOffset(packet));
        }
        if (packet.isSuperframe()) {
            header.superframe(gsoType(packet), packet.headLength() - packet.segmentSize(), packet.segmentSize());
        }
        begin();
        if (packet.isContiguous()) {
            iovecs.append(packet.address(), packet.length());
        } else {
            iovecs.append(packet.address(), packet.headLength());
            long slab = packet.memory().address();
            for (int i = 0; i < packet.sliceCount(); i++) {
                iovecs.append(slab + packet.sliceOffset(i), packet.sliceLength(i));
            }
        }
        return queue.write(iovecs);
    }

    private int gsoType(Packet packet) {
        if (packet.protocol() == IpProtocol.UDP) {
            return VirtioNetHeader.GSO_UDP_L4;
        }
        int type = Dissector.isIpv4(packet) ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        return hasCwr(packet) ? type | VirtioNetHeader.GSO_ECN : type;
    }

    /** Writes the segments as plain frames with completed checksums; returns whether the device took them all. */
    private boolean writeSegments(Packet packet) {
        int headers = Dissector.payloadIndex(packet);
        if (headers < 0 || headers > SCRATCH_LENGTH) {
            drops.lose(packet, DropReason.SUPERFRAME_UNSUPPORTED, packet.wirePackets());
            return false;
        }
        int part = SCRATCH_LENGTH / headers;
        for (int from = 0; from < packet.wirePackets(); from += part) {
            int to = Math.min(packet.wirePackets(), from + part);
            segmenter.write(packet, scratch, 0, from, to);
            if (!writeSegments(packet, headers, from, to)) {
                return false;
            }
        }
        return true;
    }

    /** Writes segments {@code from} to {@code to - 1}, whose headers lie in the scratch. */
    private boolean writeSegments(Packet packet, int headers, int from, int to) {
        header.clear();
        long slab = packet.memory().address();
        for (int i = from; i < to; i++) {
            begin();
            iovecs.append(scratch.address() + (long) (i - from) * headers, headers);
            if (i == 0) {
                iovecs.append(packet.address() + headers, packet.headLength() - headers);
            } else {
                iovecs.append(slab + packet.sliceOffset(i - 1), packet.sliceLength(i - 1));
            }
            if (!countUnlessWritten(queue.write(iovecs), packet, packet.wirePackets() - i)) {
                return false;
            }
        }
        return true;
    }

    private void begin() {
        iovecs.clear();
        iovecs.append(block.address(), queue.headerLength());
    }

    /** Counts what is not written because of a failure; returns whether there was none. */
    private boolean countUnlessWritten(int result, Packet packet, int segments) {
        if (result >= 0) {
            return true;
        }
        DropReason reason = queue.isGone()
                ? DropReason.PORT_DOWN
                : Errno.isPassing(result) ? DropReason.ENDPOINT_FULL : DropReason.ENDPOINT_REFUSED;
        drops.lose(packet, reason, segments, -result);
        return false;
    }
}
