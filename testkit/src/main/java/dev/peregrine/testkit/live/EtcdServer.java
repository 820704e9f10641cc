package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Debian's etcd, with its data in a given folder: at a loopback address of its own, or in a namespace. Where the
 * machine has none, the test is skipped.
 */
public final class EtcdServer implements AutoCloseable {
    /** It listens here; in a namespace at every address. */
    public static final int PORT = 2379;

    /** In a namespace it listens here, at every address, with TLS, if it has a certificate. */
    public static final int TLS_PORT = 2378;

    private static final int ELSEWHERE = 2381;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final AtomicInteger ADDRESSES = new AtomicInteger();

    private final Path folder;
    private final String address;
    private final @Nullable Namespace host;
    private final List<String> options;
    private final List<String> ofControl;
    private final String scheme;
    private int port = PORT;
    private BackgroundProcess process;

    /** Starts it at the loopback. */
    public EtcdServer(Path folder) {
        this(folder, newAddress(), null, List.of(), List.of(), "http");
    }

    /**
     * Starts it at the loopback, with TLS.
     *
     * @param address a {@linkplain #newAddress new} one, which its certificate is for
     * @param options of the server
     * @param tls options of etcdctl
     */
    public EtcdServer(Path folder, String address, List<String> options, List<String> tls) {
        this(folder, address, null, options, tls, "https");
    }

    /**
     * A loopback address that no other server of a test has: test JVMs run side by side, and a port that is free when
     * one of them looks may be another's a moment later, or while this server is down.
     */
    public static String newAddress() {
        int process = (int) ProcessHandle.current().pid();
        int server = ADDRESSES.getAndIncrement();
        return "127.%d.%d.%d".formatted(128 | (process >> 8 & 127), process & 255, 1 + server % 254);
    }

    /**
     * Starts it in a namespace, without TLS, and with it if the options have a certificate.
     *
     * @param options of the server
     * @param ofControl options of etcdctl, which goes without TLS
     */
    public EtcdServer(Path folder, Namespace host, List<String> options, List<String> ofControl) {
        this(folder, "127.0.0.1", host, options, ofControl, "http");
    }

    private EtcdServer(
            Path folder,
            String address,
            @Nullable Namespace host,
            List<String> options,
            List<String> ofControl,
            String scheme) {
        Live.requirePrograms("etcd-server etcd-client", "etcd", "etcdctl");
        this.folder = folder;
        this.address = address;
        this.host = host;
        this.options = options;
        this.ofControl = new ArrayList<>(ofControl);
        this.scheme = scheme;
        process = run();
    }

    private List<String> here(List<String> words) {
        return host == null ? words : host.words(words);
    }

    private String clientUrls() {
        if (host == null) return endpoint().toString();
        boolean hasTls = options.stream().anyMatch(option -> option.startsWith("--cert-file"));
        return "http://0.0.0.0:" + PORT + (hasTls ? ",https://0.0.0.0:" + TLS_PORT : "");
    }

    private BackgroundProcess run() {
        String peer = "http://" + address + ":" + (PORT + 1);
        List<String> words = new ArrayList<>(List.of(
                "etcd",
                "--name=one",
                "--data-dir=" + data(),
                "--listen-client-urls=" + clientUrls(),
                "--advertise-client-urls=" + endpoint(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=one=" + peer,
                "--log-level=error"));
        words.addAll(options);
        BackgroundProcess started = BackgroundProcess.start(here(words));
        Await.until(LIMIT, "etcd listens", this::listens, () -> started);
        return started;
    }

    private boolean listens() {
        String connect = "exec 3<>/dev/tcp/" + address + "/" + port;
        return Command.run(here(List.of("bash", "-c", connect))).exit() == 0;
    }

    /** Where it serves clients that are on its host. */
    public URI endpoint() {
        return URI.create(scheme + "://" + address + ":" + port);
    }

    /** Has etcdctl log in from now on. */
    public void login(String userAndPassword) {
        ofControl.add("--user=" + userAndPassword);
    }

    /** The output of etcdctl, which has to succeed. */
    public String control(String... words) {
        return Command.output(line(words));
    }

    /** The command line of a call of etcdctl. */
    public List<String> line(String... words) {
        List<String> line = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoint()));
        line.addAll(ofControl);
        line.addAll(List.of(words));
        return here(line);
    }

    /** SIGKILL. */
    public void kill() {
        process.kill();
        process.awaitExit(LIMIT);
    }

    /** Starts it again, with its data. */
    public void restart() {
        port = PORT;
        process = run();
    }

    /** Starts it again at another port, where no plane looks for it; not in a namespace. */
    public void restartElsewhere() {
        port = ELSEWHERE;
        process = run();
    }

    /** Its data; to be copied while it does not run. */
    public Path data() {
        return folder.resolve("data");
    }

    /** SIGSTOP. */
    public void pause() {
        process.pause();
    }

    /** SIGCONT. */
    public void resume() {
        process.resume();
    }

    @Override
    public void close() {
        process.close();
    }
}
