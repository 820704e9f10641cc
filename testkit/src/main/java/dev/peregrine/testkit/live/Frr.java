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
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * FRR's zebra and bgpd on a host, which speak EVPN with other hosts. Their files and sockets are in a folder of their
 * own, so that an FRR that may run on this machine is not touched.
 */
public final class Frr implements AutoCloseable {
    private static final Path DAEMONS = Path.of("/usr/lib/frr");
    /** As Debian has it: zebra does not make up for news of the kernel that it lost. */
    private static final String NETLINK_BUFFER = "-s90000000";

    private static final Duration LIMIT = Duration.ofSeconds(15);

    private final Namespace host;
    private final Path folder;
    private @Nullable BackgroundProcess zebra;
    private @Nullable BackgroundProcess bgpd;

    private Frr(Namespace host, Path folder) {
        this.host = host;
        this.folder = folder;
    }

    /** Whether this machine has it. */
    public static boolean isInstalled() {
        return Files.isExecutable(DAEMONS.resolve("bgpd")) && Files.isExecutable(DAEMONS.resolve("zebra"));
    }

    /** On a host, with a text for {@code frr.conf}. */
    public static Frr start(Namespace host, String configuration) {
        Frr started;
        try {
            started = new Frr(host, Files.createTempDirectory("peregrine-frr-"));
        } catch (IOException e) {
            throw new LabError("folder of FRR", e);
        }
        try {
            started.write("zebra.conf", "hostname " + host + "\n");
            started.write("bgpd.conf", configuration);
            Command.output("chown", "-R", "frr:frr", started.folder.toString());
            started.startZebra();
            started.startBgpd();
            return started;
        } catch (Throwable e) {
            started.close();
            throw e;
        }
    }

    private void write(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new LabError("configuration of FRR", e);
        }
    }

    /** Starts zebra, which must not run. */
    public void startZebra() {
        zebra = start("zebra", NETLINK_BUFFER);
    }

    /** Starts bgpd, which must not run. */
    public void startBgpd() {
        bgpd = start("bgpd");
    }

    private BackgroundProcess start(String daemon, String... further) {
        Path socket = folder.resolve(daemon + ".vty");
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new LabError("socket of " + daemon, e);
        }
        List<String> words = new ArrayList<>(List.of(
                DAEMONS.resolve(daemon).toString(),
                "-f" + folder.resolve(daemon + ".conf"),
                "-i" + folder.resolve(daemon + ".pid"),
                "-z" + folder.resolve("zserv.api"),
                "--vty_socket",
                folder.toString(),
                "-P0",
                "-ufrr",
                "-gfrr"));
        words.addAll(List.of(further));
        BackgroundProcess started = BackgroundProcess.start(host.words(words));
        Await.until(LIMIT, daemon + " to listen", () -> Files.exists(socket), () -> started);
        return started;
    }

    /** Ends zebra without warning. */
    public void killZebra() {
        kill(Objects.requireNonNull(zebra, "zebra was started"));
    }

    /** Ends bgpd without warning. */
    public void killBgpd() {
        kill(bgpd());
    }

    /** The process that runs, or the last one that ran. */
    public BackgroundProcess bgpd() {
        return Objects.requireNonNull(bgpd, "bgpd was started");
    }

    private static void kill(BackgroundProcess process) {
        process.kill();
        process.awaitExit(LIMIT);
    }

    /** Where its sockets are. */
    public Path folder() {
        return folder;
    }

    /** The output of a command of {@code vtysh}. */
    public String show(String command) {
        return Command.output("vtysh", "--vty_socket", folder.toString(), "-c", command);
    }

    @Override
    public void close() {
        if (bgpd != null) bgpd.close();
        if (zebra != null) zebra.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new LabError("folder of FRR", e);
        }
    }
}
