package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.header.EthernetHeader;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.Epoll;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.linux.tun.TapOffload;
import dev.peregrine.dataplane.offload.ProbeFrame;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Two TAP devices and a bridge between them, in the calling thread's network namespace, which must have neither. */
final class TapPair implements AutoCloseable {
    /** A frame comes out while the one that goes in is written; a kernel under load takes a little longer. */
    private static final int PATIENCE_MILLIS = 100;

    private static final String BRIDGE = "check";
    private static final String IN = "in";
    private static final String OUT = "out";
    private static final int POOL_PACKETS = 32;
    private static final int SCRATCH_LENGTH = 4096;

    private final Tap in;
    private final Tap out;
    private final PacketPool pool = new PacketPool(POOL_PACKETS, POOL_PACKETS);
    private final DropCounters drops = new DropCounters();
    private final EthernetHeader ethernet = new EthernetHeader();
    private final Segmenter segmenter = new Segmenter();
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment scratch = arena.allocate(SCRATCH_LENGTH, Long.BYTES);
    private final Epoll epoll;
    private final Map<Set<TapOffload>, FrameWriter> writers = new HashMap<>();

    private TapPair(Tap in, Tap out, Epoll epoll) {
        this.in = in;
        this.out = out;
        this.epoll = epoll;
        epoll.add(readDescriptor(), 0);
    }

    static TapPair open() throws LinuxException {
        Tap in = TapBuilder.named(IN).open();
        try {
            Tap out = TapBuilder.named(OUT).open();
            try (Netlink netlink = Netlink.open()) {
                netlink.addBridge(
                        BRIDGE, netlink.links().stream().filter(TapPair::isPort).toList());
                return new TapPair(in, out, Epoll.open(1));
            } catch (LinuxException | RuntimeException e) {
                out.close();
                throw e;
            }
        } catch (LinuxException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** The descriptor of the queue that frames come out of. */
    int readDescriptor() {
        return out.fd(0);
    }

    private static boolean isPort(Link link) {
        return link.name().equals(IN) || link.name().equals(OUT);
    }

    /**
     * Sends a frame through.
     *
     * @param written offloads to use on the way in
     * @param read offloads that the device may use on the way out
     * @return its segments as they come out; fewer when some do not come out soon
     */
    List<byte[]> carry(ProbeFrame frame, Set<TapOffload> written, Set<TapOffload> read) throws LinuxException {
        out.offloads(read);
        TapReader reader = new TapReader(new TapQueue(out, 0), pool, drops);
        Batch batch = new Batch();
        leaveOut(reader, batch);
        batch.add(frame.in(pool, new byte[0]));
        writers.computeIfAbsent(written, this::writer).accept(batch);
        List<byte[]> segments = new ArrayList<>();
        while (segments.size() < frame.segments() && epoll.poll(PATIENCE_MILLIS) > 0) {
            reader.poll(batch);
            if (batch.size() == 0) {
                break; // it is readable and cannot be read: so would the next poll say
            }
            for (int i = 0; i < batch.size(); i++) {
                addSegments(batch.packet(i), segments);
            }
            batch.release();
        }
        return segments;
    }

    /** Segments of an earlier frame may be late. */
    private void leaveOut(TapReader reader, Batch batch) throws LinuxException {
        do {
            batch.release();
            if (epoll.poll(0) > 0) reader.poll(batch);
        } while (batch.size() > 0);
    }

    private FrameWriter writer(Set<TapOffload> offloads) {
        return new FrameWriter(new TapQueue(in, 0), new TapOffloadSwitches(offloads, offloads, TapCheck.none()), drops);
    }

    /** Leaves out the kernel's own frames: neighbour discovery, group membership. */
    private void addSegments(Packet packet, List<byte[]> segments) {
        if (ethernet.wrap(packet, 0).source() != ProbeFrame.SOURCE) {
            return;
        }
        if (!packet.isSuperframe() && packet.checksum() != Checksum.PARTIAL) {
            segments.add(bytes(packet.memory(), packet.offset(), packet.length()));
            return;
        }
        int headers = segmenter.write(packet, scratch, 0);
        for (int i = 0; i < packet.wirePackets(); i++) {
            long payload = i == 0 ? packet.offset() + headers : packet.sliceOffset(i - 1);
            int length = i == 0 ? packet.headLength() - headers : packet.sliceLength(i - 1);
            byte[] segment = new byte[headers + length];
            MemorySegment.copy(scratch, ValueLayout.JAVA_BYTE, (long) i * headers, segment, 0, headers);
            MemorySegment.copy(packet.memory(), ValueLayout.JAVA_BYTE, payload, segment, headers, length);
            segments.add(segment);
        }
    }

    private static byte[] bytes(MemorySegment memory, long position, int length) {
        return memory.asSlice(position, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        writers.values().forEach(FrameWriter::close);
        epoll.close();
        in.close();
        out.close();
        pool.close();
        arena.close();
    }
}
