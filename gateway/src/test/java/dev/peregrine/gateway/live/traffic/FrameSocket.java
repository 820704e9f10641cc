package dev.peregrine.gateway.live.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.FrameVector;
import dev.peregrine.dataplane.linux.socket.IoVector;
import dev.peregrine.dataplane.linux.socket.PacketSocket;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Sends raw frames out of a device in a namespace, and keeps all that arrive at it, in order. */
public final class FrameSocket implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int RECEIVE_BUFFER_BYTES = 8 << 20;
    private static final int MESSAGES = 16;
    private static final int ROOM = 70_000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffers = arena.allocate((long) MESSAGES * ROOM, 64);
    private final FrameVector vector = new FrameVector(MESSAGES);
    private final IoVector outgoing = new IoVector(2);
    private final MemorySegment header = arena.allocate(16, 8);
    private final List<byte[]> received = new ArrayList<>();
    private final PacketSocket socket;
    private final String where;

    private FrameSocket(PacketSocket socket, String where) {
        this.socket = socket;
        this.where = where;
        for (int i = 0; i < MESSAGES; i++) vector.buffer(i, buffers.address() + (long) i * ROOM, ROOM);
    }

    public static FrameSocket open(Namespace namespace, String device) {
        try {
            PacketSocket socket = PacketSocket.open(NetNamespace.of(namespace.name()), device, RECEIVE_BUFFER_BYTES);
            return new FrameSocket(socket, device + " in " + namespace);
        } catch (LinuxException e) {
            throw new AssertionError(e);
        }
    }

    public void send(byte[] frame) {
        header.fill((byte) 0);
        write(frame);
    }

    /**
     * Sends a superframe of UDP datagrams with an unfilled checksum.
     *
     * @param transport index of the UDP header
     * @param size payload bytes of each datagram but the last
     */
    public void sendUdpSuperframe(byte[] frame, int transport, int size) {
        header.fill((byte) 0);
        header.set(ValueLayout.JAVA_BYTE, 0, (byte) 1); // NEEDS_CSUM
        header.set(ValueLayout.JAVA_BYTE, 1, (byte) 5); // UDP_L4
        header.set(ValueLayout.JAVA_SHORT, 2, (short) (transport + 8));
        header.set(ValueLayout.JAVA_SHORT, 4, (short) size);
        header.set(ValueLayout.JAVA_SHORT, 6, (short) transport);
        header.set(ValueLayout.JAVA_SHORT, 8, (short) 6);
        write(frame);
    }

    private void write(byte[] frame) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = call.allocateFrom(ValueLayout.JAVA_BYTE, frame);
            outgoing.clear();
            outgoing.append(header.address(), PacketSocket.HEADER_SIZE);
            outgoing.append(bytes.address(), frame.length);
            int sent = socket.writev(outgoing.address(), outgoing.size());
            assertEquals(PacketSocket.HEADER_SIZE + frame.length, sent, () -> "sending from " + where);
        }
    }

    private void receive() {
        int count;
        do {
            count = vector.receive(socket, MESSAGES);
            for (int i = 0; i < count; i++) {
                assertTrue(!vector.truncated(i), where);
                MemorySegment frame = buffers.asSlice((long) i * ROOM, vector.length(i));
                received.add(withTag(frame.toArray(ValueLayout.JAVA_BYTE), vector.tag(i)));
            }
        } while (count == MESSAGES);
    }

    private static byte[] withTag(byte[] frame, int tag) {
        if (tag == FrameVector.NO_TAG) return frame;
        byte[] tagged = new byte[frame.length + 4];
        System.arraycopy(frame, 0, tagged, 0, 12);
        for (int i = 0; i < 4; i++) tagged[12 + i] = (byte) (tag >>> (24 - 8 * i));
        System.arraycopy(frame, 12, tagged, 16, frame.length - 12);
        return tagged;
    }

    /** The frames that arrived so far. */
    public List<byte[]> received() {
        receive();
        return List.copyOf(received);
    }

    /** Those of {@link #received} that fit. */
    public List<byte[]> received(Predicate<byte[]> fits) {
        return received().stream().filter(fits).toList();
    }

    /** Forgets what arrived. */
    public void forget() {
        receive();
        received.clear();
    }

    /** Waits for a frame; returns those that fit. */
    public List<byte[]> await(Predicate<byte[]> fits, int count) {
        Await.until(
                LIMIT,
                count + " frames at " + where,
                () -> received(fits).size() >= count,
                () -> received(fits).size() + " of " + received.size() + " frames");
        return received(fits);
    }

    /** Whether a frame ends in those bytes: a payload, with Ethernet padding left out of account. */
    public static Predicate<byte[]> endsWith(byte[] payload) {
        return frame -> frame.length >= payload.length
                && Arrays.equals(payload, 0, payload.length, frame, frame.length - payload.length, frame.length);
    }

    @Override
    public void close() {
        socket.close();
        vector.close();
        outgoing.close();
        arena.close();
    }
}
