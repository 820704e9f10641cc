package dev.peregrine.load.perf;

import dev.peregrine.load.CommandLineRun;
import dev.peregrine.load.StopSignal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server on the loopback interface, and clients of it. */
final class RunningServer implements AutoCloseable {
    private final StopSignal stop = StopSignal.install();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final Server server;
    private final CompletableFuture<Void> served;

    RunningServer(String address) throws IOException {
        server = new Server(new InetSocketAddress(InetAddress.ofLiteral(address), 0), false, stop, log::add);
        served = CompletableFuture.runAsync(this::serve, command -> new Thread(command, "server").start());
    }

    private void serve() {
        try {
            server.run();
        } catch (IOException failure) {
            log.add("the server failed: " + failure.getMessage());
        }
    }

    int port() throws IOException {
        return server.port();
    }

    /** The next line of its log. */
    String nextLine() throws InterruptedException {
        String line = log.poll(30, TimeUnit.SECONDS);
        if (line == null) throw new AssertionError("the server wrote no line");
        return line;
    }

    /** Runs a client with {@code --json} against it. */
    CommandLineRun client(String address, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("--json", "perf", "client", address, "--quiet"));
        words.addAll(List.of("--port", Integer.toString(port())));
        words.addAll(List.of(options));
        return CommandLineRun.of(words.toArray(String[]::new));
    }

    @Override
    public void close() {
        stop.request();
        served.join();
        stop.close();
    }
}
