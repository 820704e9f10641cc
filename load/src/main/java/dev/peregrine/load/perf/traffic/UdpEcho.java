package dev.peregrine.load.perf.traffic;

import dev.peregrine.load.Stamp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;

/** Sends stamped datagrams back to where they come from, on one thread. */
public final class UdpEcho extends ThreadedTraffic {
    private static final int BUFFER_BYTES = 64 << 10;

    private final DatagramChannel channel;

    /** Binds to a port of the kernel's choice. */
    public UdpEcho(PerfPlan plan, InetAddress local) throws IOException {
        super(plan.streams());
        channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(local, 0));
    }

    /** The local UDP port that answers. */
    public int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public void start() {
        threads.start("echo", this::echo);
    }

    private void echo() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        MemorySegment memory = MemorySegment.ofBuffer(buffer);
        try {
            while (true) {
                SocketAddress from = channel.receive(buffer.clear());
                int length = buffer.flip().remaining();
                if (from == null || length < Stamp.LENGTH || !Stamp.isAt(memory, 0)) continue;
                int stream = Stamp.flow(memory, 0);
                if (stream < 0 || stream >= streams.count()) continue;
                channel.send(buffer, from);
                streams.packets(stream).add(1);
                streams.bytes(stream).add(length);
            }
        } catch (ClosedChannelException drained) {
            // The way to end it.
        }
    }

    @Override
    public void drain() {
        Connections.close(channel);
    }

    @Override
    public void close() {
        drain();
    }
}
