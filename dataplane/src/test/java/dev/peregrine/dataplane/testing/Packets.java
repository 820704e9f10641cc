package dev.peregrine.dataplane.testing;

import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;

/** Packets made from bytes, and the bytes of packets. */
public final class Packets {
    private Packets() {}

    /** A plain packet that holds {@code bytes}. */
    public static Packet of(PacketPool pool, byte[] bytes) {
        Packet packet = Objects.requireNonNull(pool.acquire(), "the pool is empty");
        packet.put(bytes.length);
        MemorySegment.copy(bytes, 0, packet.memory(), ValueLayout.JAVA_BYTE, packet.offset(), bytes.length);
        return packet;
    }

    /** A plain packet that holds an Ethernet frame, dissected. */
    public static Packet frame(PacketPool pool, byte[] frame) {
        Packet packet = of(pool, frame);
        Dissector.dissect(packet, 0);
        return packet;
    }

    /**
     * One receive buffer with several datagrams, as {@code UDP_GRO} delivers them: all as long as the first, but the
     * last may be shorter.
     */
    public static Packet aggregate(PacketPool pool, List<byte[]> datagrams) {
        int length = datagrams.getFirst().length;
        byte[] all = concatenate(datagrams);
        int count = datagrams.size() - 1;
        if (count == 0) {
            return of(pool, all);
        }
        if (all.length <= (long) length * count || all.length > (long) length * (count + 1)) {
            throw new IllegalArgumentException("only the last datagram may be shorter");
        }
        Packet packet = of(pool, all);
        return pieces(packet, length);
    }

    /** Makes a contiguous packet look like datagrams of {@code length}, as a {@code UDP_GRO} message does. */
    public static Packet pieces(Packet packet, int length) {
        return packet.cut(0, length);
    }

    /** The bytes of the head and all fragments. */
    public static byte[] bytes(Packet packet) {
        byte[] bytes = new byte[packet.length()];
        copy(packet, packet.offset(), bytes, 0, packet.headLength());
        int at = packet.headLength();
        for (int i = 0; i < packet.sliceCount(); i++) {
            copy(packet, packet.sliceOffset(i), bytes, at, packet.sliceLength(i));
            at += packet.sliceLength(i);
        }
        return bytes;
    }

    /** The wire frames of a plain packet or superframe whose inner frame is at {@code frameIndex}. */
    public static List<byte[]> segments(Packet packet, int frameIndex) {
        byte[] bytes = bytes(packet);
        return packet.isSuperframe() ? Reference.segment(bytes, frameIndex, packet.segmentSize()) : List.of(bytes);
    }

    /** A batch of packets. */
    public static Batch batch(Packet... packets) {
        Batch batch = new Batch();
        for (Packet packet : packets) {
            batch.add(packet);
        }
        return batch;
    }

    /** Byte arrays end to end. */
    public static byte[] concatenate(List<byte[]> parts) {
        byte[] all = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static void copy(Packet packet, long position, byte[] to, int at, int length) {
        MemorySegment.copy(packet.memory(), ValueLayout.JAVA_BYTE, position, to, at, length);
    }
}
