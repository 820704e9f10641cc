package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Returns all bytes that TCP connections receive; one thread for each. */
public final class TcpEcho extends ThreadedTraffic {
    private static final int BUFFER_BYTES = 256 << 10;

    private final SocketChannel[] channels;

    /** Answers on connected channels, which it closes. */
    public TcpEcho(SocketChannel[] channels) {
        super(channels.length);
        this.channels = channels;
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
    public void close() {
        Connections.close(channels);
    }
}
