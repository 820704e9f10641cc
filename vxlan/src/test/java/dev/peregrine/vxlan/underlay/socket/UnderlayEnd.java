package dev.peregrine.vxlan.underlay.socket;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.dataplane.testing.live.Namespace;
import dev.peregrine.vxlan.Frames;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** One end of an underlay over the loopback interface, with a pool of its own. */
public final class UnderlayEnd implements AutoCloseable {
    static final int VNI = 42;
    private static final int FIRST_PORT = 20_000;
    private static final int SLOTS = 1_200;
    private static final int PORTS_OF_A_SLOT = 10;
    /** By the golden ratio of the slots: test JVMs that run side by side, with neighbouring ids, begin far apart. */
    private static final int STRIDE = 743;

    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * STRIDE % SLOTS));
    private static final long DEADLINE_NANOS = 5_000_000_000L;

    final PacketPool pool;
    final DropCounters drops = new DropCounters();
    final VtepTable vteps;
    final UnderlayPort port;
    public final NativeUnderlay underlay;
    final InetAddress address;
    final int udpPort;

    /** The settings that a test wants different from the usual. */
    public record Wishes(UnaryOperator<UnderlaySettings> settings, int buffers, int bufferBytes) {
        public static final Wishes NONE = new Wishes(UnaryOperator.identity(), 64, PacketPool.ROOM);

        static Wishes settings(UnaryOperator<UnderlaySettings> settings) {
            return new Wishes(settings, NONE.buffers, NONE.bufferBytes);
        }
    }

    /**
     * Opens an end.
     *
     * @param remotePort the UDP port of the other end
     */
    public UnderlayEnd(String address, int udpPort, int remotePort, Wishes wishes) throws IOException {
        this.address = InetAddress.ofLiteral(address);
        this.udpPort = udpPort;
        pool = new PacketPool(wishes.buffers, wishes.buffers);
        vteps = new VtepTable(remotePort, 16);
        UnderlaySettings settings = wishes.settings.apply(UnderlaySettings.of(this.address, udpPort));
        port = UnderlayPort.claim(settings, vteps, 1);
        try {
            underlay = port.open(0, pool, drops, wishes.bufferBytes);
        } catch (IOException e) {
            port.close();
            throw e;
        }
    }

    /** A test between two ends. */
    interface Exchange {
        void run(UnderlayEnd sender, UnderlayEnd receiver) throws IOException;
    }

    /** Runs a test between two ends at the loopback address of a namespace. */
    static void within(Namespace namespace, Wishes wishes, Exchange exchange) throws IOException {
        try (UnderlayEnd sender = namespace.netNamespace().call(() -> openUnchecked(4789, 4790, wishes));
                UnderlayEnd receiver = namespace.netNamespace().call(() -> openUnchecked(4790, 4789, wishes))) {
            exchange.run(sender, receiver);
        }
    }

    private static UnderlayEnd openUnchecked(int udpPort, int remotePort, Wishes wishes) {
        try {
            return new UnderlayEnd("127.0.0.1", udpPort, remotePort, wishes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The first of ten UDP ports of which nobody else is likely to take one: below the source ports of VXLAN, and below
     * those that the kernel chooses.
     */
    public static int freePort() {
        return FIRST_PORT + Math.floorMod(NEXT.getAndIncrement(), SLOTS) * PORTS_OF_A_SLOT;
    }

    /** Makes {@code remote} a configured VTEP and returns its tunnel port. */
    public int know(String remote) {
        RemoteVtep vtep = vteps.configure(IpAddress.of(InetAddress.ofLiteral(remote)));
        assertNotNull(vtep);
        return vtep.port();
    }

    /** A dissected frame with its VXLAN header, ready to be sent. */
    Packet encapsulated(Packet inner, int tunnelPort) {
        return inner.outPort(tunnelPort).outerTtl(64).push(8).segment(0);
    }

    /** A frame with a VXLAN header. */
    public Packet frame(int sourcePort, int payloadLength, int tunnelPort) {
        Packet packet = encapsulated(Frames.inner(pool, Frames.ipv4(0, 64, sourcePort, payloadLength)), tunnelPort);
        packet.setLong(0, Frames.header(VNI));
        return packet;
    }

    /** A superframe with a VXLAN header. */
    Packet superframe(int sourcePort, int payloadLength, int segmentSize, int tunnelPort) {
        Packet packet = encapsulated(Frames.superframe(pool, 0, sourcePort, payloadLength, segmentSize), tunnelPort);
        packet.setLong(0, Frames.header(VNI));
        return packet;
    }

    void send(Packet... packets) {
        Batch batch = new Batch();
        for (Packet packet : packets) {
            batch.add(packet);
        }
        underlay.accept(batch);
        assert batch.isEmpty() : "the underlay left packets in the batch";
    }

    /** Takes what is there now; how many datagrams that was. */
    int poll() {
        Batch batch = new Batch();
        underlay.poll(batch);
        int datagrams = batch.segments();
        batch.release();
        return datagrams;
    }

    /** The datagrams that arrive until there are {@code segments} datagrams, or too much time has passed. */
    Batch receive(int segments) {
        Batch batch = new Batch();
        receive(batch, segments);
        return batch;
    }

    /** Adds what arrives to the batch until that is full, or too much time has passed. */
    void fill(Batch batch) {
        receive(batch, Integer.MAX_VALUE);
    }

    private void receive(Batch batch, int segments) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (batch.segments() < segments && !batch.isFull() && System.nanoTime() < deadline) {
            underlay.poll(batch);
        }
    }

    /** The datagrams that arrive, until there are {@code count}, or too much time has passed. */
    List<byte[]> datagrams(int count) {
        List<byte[]> datagrams = new ArrayList<>();
        Batch batch = new Batch();
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (datagrams.size() < count && System.nanoTime() < deadline) {
            underlay.poll(batch);
            for (int i = 0; i < batch.size(); i++) {
                split(batch.packet(i), datagrams);
            }
            batch.release();
        }
        return datagrams;
    }

    /** The datagrams that a received packet describes. */
    private static void split(Packet packet, List<byte[]> datagrams) {
        datagrams.add(Frames.head(packet));
        for (int i = 0; i < packet.sliceCount(); i++) {
            datagrams.add(packet.memory()
                    .asSlice(packet.sliceOffset(i), packet.sliceLength(i))
                    .toArray(ValueLayout.JAVA_BYTE));
        }
    }

    long dropped(DropReason reason) {
        return drops.count(reason);
    }

    @Override
    public void close() {
        underlay.close();
        port.close();
        boolean full = pool.isFull();
        pool.close();
        assert full : "packets are missing from the pool";
    }
}
