package dev.peregrine.load.perf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.load.Rates;
import dev.peregrine.load.StopSignal;
import dev.peregrine.load.perf.traffic.Connections;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Serves one test at a time; a second client gets the error that the server is busy. */
final class Server implements AutoCloseable {
    static final int DEFAULT_PORT = 5210;

    private static final int HELLO_MILLIS = 5_000;

    private final ServerSocketChannel channel;
    private final boolean once;
    private final StopSignal stop;
    private final Consumer<String> log;
    private final AtomicReference<@Nullable Session> session = new AtomicReference<>();

    /**
     * Binds, in the calling thread's network namespace.
     *
     * @param once whether to end after one test
     * @param log takes a line about each test
     */
    Server(InetSocketAddress listen, boolean once, StopSignal stop, Consumer<String> log) throws IOException {
        this.once = once;
        this.stop = stop;
        this.log = log;
        channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(listen);
        } catch (IOException failure) {
            channel.close();
            throw new IOException("bind(" + listen + "): " + failure.getMessage(), failure);
        }
        stop.whenRequested(this::close);
    }

    int port() throws IOException {
        return ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    /** Serves until the signal to stop, or after one test. */
    void run() throws IOException {
        while (!stop.requested()) {
            SocketChannel accepted;
            try {
                accepted = channel.accept();
            } catch (ClosedChannelException stopped) {
                return;
            }
            Thread.ofPlatform().daemon().name("hello").start(() -> greet(accepted));
        }
    }

    private void greet(SocketChannel accepted) {
        try {
            Control control = new Control(accepted);
            JsonNode hello = control.receive(HELLO_MILLIS);
            if (hello.has("test")) test(control, hello);
            else join(accepted, hello);
        } catch (IOException failure) {
            log.accept("a connection failed: " + failure.getMessage());
            Connections.close(accepted);
        }
    }

    private void test(Control control, JsonNode hello) throws IOException {
        try (control) {
            Session next = new Session(control, hello, stop);
            if (!session.compareAndSet(null, next)) {
                control.send(Rates.object().put("error", "the server is busy with another test"));
                return;
            }
            try {
                log.accept(next.run());
            } finally {
                session.set(null);
                if (once) close();
            }
        }
    }

    /** A stream's connection belongs to the test that has the same cookie. */
    private void join(SocketChannel accepted, JsonNode hello) throws IOException {
        Session current = session.get();
        if (current == null || !current.join(accepted, hello)) accepted.close();
    }

    @Override
    public void close() {
        Connections.close(channel);
        Session current = session.get();
        if (current != null) current.stop();
    }
}
