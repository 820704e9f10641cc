package dev.peregrine.controlplane.etcd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Debian's etcd on ports of its own at the loopback, with its data in a given folder. */
final class EtcdServer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path folder;
    private final List<String> options;
    private final List<String> tls;
    private final int ownPort = freePort();
    private int port = ownPort;
    private final int peerPort = freePort();
    private final String scheme;
    private BackgroundProcess process;

    /** Starts it, or skips the test where the machine has none. */
    EtcdServer(Path folder) {
        this(folder, List.of(), List.of());
    }

    /**
     * Starts it with TLS.
     *
     * @param options of the server
     * @param tls options of etcdctl
     */
    EtcdServer(Path folder, List<String> options, List<String> tls) {
        assumeTrue(
                Command.exists("etcd") && Command.exists("etcdctl"),
                "SKIPPED: no etcd here; on Debian: apt-get install etcd-server etcd-client");
        this.folder = folder;
        this.options = options;
        this.tls = tls;
        scheme = tls.isEmpty() ? "http" : "https";
        process = run();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BackgroundProcess run() {
        String peer = "http://127.0.0.1:" + peerPort;
        List<String> words = new ArrayList<>(List.of(
                "etcd",
                "--name=one",
                "--data-dir=" + data(),
                "--listen-client-urls=" + endpoint(),
                "--advertise-client-urls=" + endpoint(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=one=" + peer,
                "--log-level=error"));
        words.addAll(options);
        BackgroundProcess started = BackgroundProcess.start(words);
        Await.until(LIMIT, "etcd listens", this::listens, () -> started);
        return started;
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    URI endpoint() {
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    /** What etcdctl says. */
    String control(String... words) {
        List<String> line = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoint()));
        line.addAll(tls);
        line.addAll(List.of(words));
        return Command.output(line);
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
        process.awaitExit(LIMIT);
    }

    /** Starts it again, with its data. */
    void restart() {
        port = ownPort;
        process = run();
    }

    /** Starts it again at another port, where no plane looks for it. */
    void restartElsewhere() {
        port = freePort();
        process = run();
    }

    /** Its data; to be copied while it does not run. */
    Path data() {
        return folder.resolve("data");
    }

    void pause() {
        process.pause();
    }

    void resume() {
        process.resume();
    }

    @Override
    public void close() {
        process.close();
    }
}
