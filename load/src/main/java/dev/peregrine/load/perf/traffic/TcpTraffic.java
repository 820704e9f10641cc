package dev.peregrine.load.perf.traffic;

import dev.peregrine.load.OpenLoop;
import dev.peregrine.load.Pause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;

/** Sends or receives on TCP connections, a thread for each. */
public final class TcpTraffic extends ThreadedTraffic {
    private final PerfPlan plan;
    private final SocketChannel[] channels;
    private final boolean sends;
    private final BooleanSupplier stop;
    private volatile long start;

    /**
     * Traffic over connected channels, which it closes.
     *
     * @param stop ends sending early
     */
    public TcpTraffic(PerfPlan plan, SocketChannel[] channels, boolean sends, BooleanSupplier stop) {
        super(channels.length);
        this.plan = plan;
        this.channels = channels;
        this.sends = sends;
        this.stop = stop;
    }

    @Override
    public void start() {
        start = System.nanoTime();
        for (int i = 0; i < channels.length; i++) {
            int stream = i;
            threads.start("stream-" + i, sends ? () -> send(stream) : () -> receive(stream));
        }
    }

    private void send(int stream) throws IOException {
        SocketChannel channel = channels[stream];
        ByteBuffer block = ByteBuffer.allocateDirect(plan.length());
        OpenLoop schedule = new OpenLoop(plan.perSecond(), 1);
        long end = start + (long) (plan.seconds() * 1e9);
        schedule.start(start);
        long blocks = 0;
        for (long now; (now = System.nanoTime()) < end && !stop.getAsBoolean(); ) {
            if (schedule.due(now) <= blocks) {
                Pause.upTo(schedule.dueNanos(blocks) - now);
                continue;
            }
            if (!block.hasRemaining()) block.clear();
            streams.bytes(stream).add(channel.write(block));
            if (!block.hasRemaining()) blocks++;
        }
        channel.shutdownOutput();
    }

    private void receive(int stream) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(Math.max(plan.length(), 128 << 10));
        for (int read; (read = channels[stream].read(block.clear())) >= 0; )
            streams.bytes(stream).add(read);
    }

    @Override
    public void await() throws IOException {
        threads.await();
        streams.seconds((System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() {
        Connections.close(channels);
    }
}
