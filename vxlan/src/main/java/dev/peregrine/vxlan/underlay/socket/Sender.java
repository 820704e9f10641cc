package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.header.TransportChecksum;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Segmenter;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Checksum;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.VtepCounters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * The sending half of a {@link NativeUnderlay}: cuts superframes into datagrams and distributes them over the source
 * ports, in order within each.
 */
final class Sender implements AutoCloseable {
    /** Room for the headers of a superframe of 64 KiB in segments of 48 bytes, the smallest that Linux makes. */
    private static final int SCRATCH_BYTES = 256 << 10;

    private final VtepTable vteps;
    private final DropCounters drops;
    private final SourcePorts ports;
    private final Segmentation segmentation;
    private final SendErrors errors;
    private final DatagramQueue queue;
    private final Segmenter segmenter = new Segmenter();
    private final Arena arena;
    private final MemorySegment scratch;
    private int scratchUsed;

    /**
     * Ticks for which the worker reads a socket's errors after it has sent: the kernel gives up a neighbour after three
     * seconds, or after eleven.
     */
    private static final int WATCHED_TICKS = 12;

    /** For each socket the first and last packet of the batch that leaves by it, as a chain through next. */
    private final int[] first = new int[SourcePorts.MOST];

    private final int[] last = new int[SourcePorts.MOST];
    private final int[] next = new int[Batch.CAPACITY];
    private final int[] portOf = new int[Batch.CAPACITY];
    private final int[] watched = new int[SourcePorts.MOST];

    @SuppressWarnings("MustBeClosedChecker") // closed by close()
    Sender(
            VtepTable vteps,
            DropCounters drops,
            SourcePorts ports,
            Segmentation segmentation,
            SendErrors errors,
            VtepCounters counters) {
        this.vteps = vteps;
        this.drops = drops;
        this.ports = ports;
        this.segmentation = segmentation;
        this.errors = errors;
        queue = new DatagramQueue(ports.socket(0), segmentation, errors, counters);
        arena = Arena.ofShared();
        scratch = arena.allocate(SCRATCH_BYTES, Long.BYTES);
        Arrays.fill(first, -1);
    }

    /** Sends all packets of the batch and releases them. */
    void send(Batch batch) {
        queue.begin(batch);
        try {
            sendByPort(batch);
        } catch (Throwable fault) {
            queue.clear();
            Arrays.fill(first, -1);
            scratchUsed = 0;
            throw fault;
        }
        batch.release();
    }

    private void sendByPort(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            RemoteVtep vtep = vteps.behind(packet.outPort());
            if (vtep == null) {
                drops.lose(packet, DropReason.PORT_UNKNOWN, packet.wirePackets());
                portOf[i] = -1;
            } else {
                portOf[i] = ports.choose(packet.flowHash(), vtep);
                chain(portOf[i], i);
            }
        }
        for (int i = 0; i < batch.size(); i++) {
            int port = portOf[i];
            if (port >= 0 && first[port] == i) {
                sendChain(port, batch);
                first[port] = -1;
            }
        }
    }

    /** Makes room for new VTEPs, counts ICMP errors and tries offloads again; called about once a second. */
    void tick() throws LinuxException {
        segmentation.tick();
        for (int port = 0; port < ports.sockets(); port++) {
            if (watched[port] > 0) {
                watched[port]--;
                errors.take(ports.socket(port));
            }
        }
        ports.makeRoom(vteps.size());
    }

    private void chain(int port, int packet) {
        if (first[port] < 0) {
            first[port] = packet;
        } else {
            next[last[port]] = packet;
        }
        last[port] = packet;
        next[packet] = -1;
    }

    private void sendChain(int port, Batch batch) {
        queue.use(ports.socket(port), port);
        watched[port] = WATCHED_TICKS;
        for (int i = first[port]; i >= 0; i = next[i]) {
            Packet packet = batch.packet(i);
            RemoteVtep vtep = Objects.requireNonNull(vteps.behind(packet.outPort()));
            if (packet.isSuperframe()) {
                addSegments(packet, i, vtep);
            } else {
                addFrame(packet, i, vtep);
            }
        }
        flush();
    }

    private void addFrame(Packet packet, int index, RemoteVtep vtep) {
        if (packet.checksum() == Checksum.PARTIAL) {
            TransportChecksum.complete(packet);
        }
        reserve(0);
        queue.add(vtep, index, packet.address(), packet.headLength(), 0, 0);
    }

    /** Segment 0 has the rest of the head as its payload, segment k fragment k - 1. */
    private void addSegments(Packet packet, int index, RemoteVtep vtep) {
        int size = packet.segmentSize();
        int headers = packet.headLength() - size;
        long needed = (long) headers * packet.wirePackets();
        if (needed > SCRATCH_BYTES) {
            errors.refused(Errno.EMSGSIZE, vtep, packet.wirePackets());
            errors.show(Errno.EMSGSIZE, packet);
            return;
        }
        reserve((int) needed);
        long block = scratch.address() + scratchUsed;
        if (segmenter.write(packet, scratch, scratchUsed) != headers) {
            drops.lose(packet, DropReason.INNER_HEADER_INVALID, packet.wirePackets());
            return;
        }
        scratchUsed += (int) needed;
        queue.add(vtep, index, block, headers, packet.address() + headers, size);
        for (int i = 0; i < packet.sliceCount(); i++) {
            if (queue.isFull()) {
                queue.flush(); // not the scratch: the blocks of this superframe are still to be sent
            }
            block += headers;
            long payload = packet.memory().address() + packet.sliceOffset(i);
            queue.add(vtep, index, block, headers, payload, packet.sliceLength(i));
        }
    }

    /** Makes room for one more datagram and for header blocks. */
    private void reserve(int bytes) {
        if (queue.isFull() || scratchUsed + bytes > SCRATCH_BYTES) {
            flush();
        }
    }

    private void flush() {
        queue.flush();
        scratchUsed = 0;
    }

    SourcePorts ports() {
        return ports;
    }

    Segmentation segmentation() {
        return segmentation;
    }

    @Override
    public void close() {
        ports.close();
        queue.close();
        arena.close();
    }
}
