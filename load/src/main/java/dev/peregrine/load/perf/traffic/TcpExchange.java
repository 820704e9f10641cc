package dev.peregrine.load.perf.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Requests over a TCP connection. */
public record TcpExchange(SocketChannel channel) implements Exchange {

    @Override
    public void send(ByteBuffer request) throws IOException {
        while (request.hasRemaining()) channel.write(request);
    }

    @Override
    public boolean receive(ByteBuffer response) throws IOException {
        response.clear();
        while (response.hasRemaining()) {
            if (channel.read(response) < 0) return false;
        }
        response.flip();
        return true;
    }

    @Override
    public boolean isReliable() {
        return true;
    }

    @Override
    public void finish() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() {
        Connections.close(channel);
    }
}
