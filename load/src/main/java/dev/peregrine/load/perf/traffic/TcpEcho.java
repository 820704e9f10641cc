package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Returns all bytes that TCP connections receive; one thread for each. */
public final class TcpEcho implements Traffic {
    private static final int BUFFER_BYTES = 256 << 10;

    private final SocketChannel[] channels;
    private final Streams streams;
    private final StreamThreads threads = new StreamThreads();

    /** Answers on connected channels, which it closes. */
    public TcpEcho(SocketChannel[] channels) {
        this.channels = channels;
        streams = new Streams(channels.length);
    }

    @Override
    public void start() {
        for (int i = 0; i < channels.length; i++) {
            int stream = i;
            threads.start("echo-" + i, () -> echo(stream));
        }
    }

    private void echo(int stream) throws IOException {
        SocketChannel channel = channels[stream];
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        for (int read; (read = channel.read(buffer.clear())) >= 0; ) {
            buffer.flip();
            while (buffer.hasRemaining()) channel.write(buffer);
            streams.bytes(stream).add(read);
        }
        channel.shutdownOutput();
    }

    @Override
    public void drain() {
        // It ends with its connections.
    }

    @Override
    public void await() throws IOException {
        threads.await();
    }

    @Override
    public Streams streams() {
        return streams;
    }

    @Override
    public void close() {
        Connections.close(channels);
    }
}
