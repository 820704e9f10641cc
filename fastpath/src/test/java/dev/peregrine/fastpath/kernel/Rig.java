package dev.peregrine.fastpath.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.SkBuff;
import dev.peregrine.dataplane.header.Dissector;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.Packets;
import dev.peregrine.fastpath.FlowKey;
import dev.peregrine.fastpath.kernel.table.KernelDecision;
import dev.peregrine.fastpath.kernel.table.KernelFlow;
import dev.peregrine.fastpath.kernel.table.KernelFlows;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The tables of the tier, their writer, and one program, whose frames come in by the loopback device. */
final class Rig implements AutoCloseable {
    static final int LOOPBACK = 1;
    static final int VNI = 42;
    static final int SOURCE_PORT = 50_000;
    static final int VTEP_PORT = 1 << 16;
    static final int CAPACITY = 64;
    static final int LIMIT = 1414;
    static final String LOCAL = "198.18.0.1";
    static final String REMOTE = "198.18.0.2";
    static final TunnelEnd END = new TunnelEnd(address(LOCAL), 4789, true, true, TunnelEnd.INHERIT, 64, true);

    final KernelTables tables;
    final KernelFlows flows;
    final LoadedProgram program;
    final Arena arena = Arena.ofConfined();
    private final PacketPool pool = new PacketPool(2, 2);
    long packets;
    long bytes;

    Rig(BiFunction<KernelTables, TunnelEnd, Program> program) throws LinuxException {
        tables = new KernelTables(CAPACITY, 4, 8, 4);
        flows = new KernelFlows(tables, CAPACITY);
        ByteBuffer remote =
                ByteBuffer.allocate(8).putInt(0xffff).put(address(REMOTE).getAddress());
        tables.vtep(0, remote.getLong(0), VTEP_PORT);
        this.program = LoadedProgram.load(program.apply(tables, END));
    }

    static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** A frame of flow {@code number}. */
    static FrameBuilder frame(int number) {
        return FrameBuilder.tcp4().ports(1000 + number, 2000).payload(100);
    }

    /** The datagram with a frame. */
    static byte[] datagram(byte[] frame) {
        byte[] payload = ByteBuffer.allocate(8 + frame.length)
                .putLong(0x0800_0000_0000_0000L | VNI << 8)
                .put(frame)
                .array();
        return FrameBuilder.udp4()
                .zeroChecksum()
                .macs(0, 1)
                .addresses(REMOTE, LOCAL)
                .ports(SOURCE_PORT, 4789)
                .payload(payload)
                .build();
    }

    FlowKey key(byte[] frame, int tunnelBytes) {
        byte[] bytes = tunnelBytes == 0
                ? frame
                : ByteBuffer.allocate(8 + frame.length)
                        .putLong(0x0800_0000_0000_0000L | VNI << 8)
                        .put(frame)
                        .array();
        Packet packet = Packets.of(pool, bytes);
        Dissector.dissect(packet, tunnelBytes);
        FlowKey key = new FlowKey();
        if (!key.read(packet, tunnelBytes, 0)) {
            throw new AssertionError("no flow");
        }
        pool.release(packet);
        return key;
    }

    /** Null while all slots wait for a grace period. */
    @Nullable
    KernelFlow installToTunnel(int number, KernelDecision decision) throws LinuxException {
        return flows.install(key(frame(number).build(), 0), LOOPBACK, decision, this::add);
    }

    KernelFlow installToTunnel(int number) throws LinuxException {
        return Objects.requireNonNull(installToTunnel(number, toTunnel(0)));
    }

    static KernelDecision toTunnel(long since) {
        return KernelDecision.toTunnel(since, 1, 7, LIMIT, VNI, address(REMOTE));
    }

    KernelFlow installToPort(int number) throws LinuxException {
        return installToPort(frame(number).build());
    }

    /** Installs the flow of a frame. */
    KernelFlow installToPort(byte[] frame) throws LinuxException {
        FlowKey key = key(frame, 8);
        KernelDecision decision = KernelDecision.toPort(0, 1, 7, LIMIT);
        return Objects.requireNonNull(flows.install(key, VTEP_PORT, decision, this::add));
    }

    private void add(long morePackets, long moreBytes) {
        packets += morePackets;
        bytes += moreBytes;
    }

    /** The order counter of frames of flow {@code number} from the workload. */
    int order(int number) {
        return tables.order(key(frame(number).build(), 0));
    }

    /** The order counter of {@link #datagram}. */
    int order() {
        ByteBuffer remote =
                ByteBuffer.allocate(8).putInt(0xffff).put(address(REMOTE).getAddress());
        return tables.order(0, remote.getLong(0), SOURCE_PORT);
    }

    /** All packets with an order counter that programs left to the gateway have left it. */
    void settle(int order) {
        tables.settled(order, tables.pending(order));
    }

    int verdict(byte[] frame) throws LinuxException {
        return program.run(frame).verdict();
    }

    /** The verdict on a superframe. */
    int verdict(byte[] frame, int segments, int size) throws LinuxException {
        MemorySegment skBuff = arena.allocate(SkBuff.SIZE, 8);
        skBuff.set(JAVA_INT, SkBuff.GSO_SEGS, segments);
        skBuff.set(JAVA_INT, SkBuff.GSO_SIZE, size);
        return program.run(frame, skBuff).verdict();
    }

    @Override
    public void close() {
        program.close();
        flows.close();
        tables.close();
        pool.close();
        arena.close();
    }
}
