package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.Await;
import dev.peregrine.dataplane.testing.live.BackgroundProcess;
import dev.peregrine.dataplane.testing.live.Command;
import dev.peregrine.dataplane.testing.live.LabError;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** GoBGP's gobgpd on a host, which speaks EVPN with one neighbour. Its files and its API are in a folder of its own. */
public final class Gobgpd implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final Namespace host;
    private final Path folder;
    private @Nullable BackgroundProcess process;

    private Gobgpd(Namespace host, Path folder) {
        this.host = host;
        this.folder = folder;
    }

    /** Whether this machine has it. */
    public static boolean isInstalled() {
        return Command.exists("gobgpd") && Command.exists("gobgp");
    }

    /** In autonomous system {@code as}, at an address of the host, with a neighbour of an AS. Timers are short. */
    public static Gobgpd start(Namespace host, int as, String address, String peer, int peerAs) {
        Gobgpd started;
        try {
            started = new Gobgpd(host, Files.createTempDirectory("peregrine-gobgpd-"));
            Files.writeString(started.configuration(), """
                    [global.config]
                      as = %d
                      router-id = "%s"
                      local-address-list = ["%s"]
                    [[neighbors]]
                      [neighbors.config]
                        neighbor-address = "%s"
                        peer-as = %d
                      [neighbors.timers.config]
                        hold-time = 3
                        keepalive-interval = 1
                        connect-retry = 1
                        idle-hold-time-after-reset = 1
                      [[neighbors.afi-safis]]
                        [neighbors.afi-safis.config]
                          afi-safi-name = "l2vpn-evpn"
                    """.formatted(as, address, address, peer, peerAs));
        } catch (IOException e) {
            throw new LabError("configuration of gobgpd", e);
        }
        started.start();
        return started;
    }

    private Path configuration() {
        return folder.resolve("gobgpd.toml");
    }

    private Path socket() {
        return folder.resolve("api.sock");
    }

    /** Where its API is. */
    public String api() {
        return "unix://" + socket();
    }

    /** Starts it, without any route; it must not run. */
    public void start() {
        try {
            Files.deleteIfExists(socket());
        } catch (IOException e) {
            throw new LabError("socket of gobgpd", e);
        }
        List<String> words = List.of(
                "gobgpd", "-f" + configuration(), "--api-hosts=" + api(), "--pprof-disable", "--log-level=warn");
        BackgroundProcess started = BackgroundProcess.start(host.words(words));
        process = started;
        Await.until(LIMIT, "gobgpd to listen", () -> Files.exists(socket()), () -> started);
    }

    /** The process that runs, or the last one that ran. */
    public BackgroundProcess process() {
        return Objects.requireNonNull(process, "gobgpd was started");
    }

    /** Ends it without warning. */
    public void kill() {
        process().kill();
        process().awaitExit(LIMIT);
    }

    /** The output of {@code gobgp}. */
    public String control(String... words) {
        List<String> line = new ArrayList<>(List.of("gobgp", "--target=" + api()));
        line.addAll(List.of(words));
        return Command.output(line);
    }

    @Override
    public void close() {
        if (process != null) process.close();
        try {
            Files.deleteIfExists(socket());
            Files.deleteIfExists(configuration());
            Files.delete(folder);
        } catch (IOException e) {
            throw new LabError("folder of gobgpd", e);
        }
    }
}
