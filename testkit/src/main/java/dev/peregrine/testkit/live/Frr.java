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
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * FRR's zebra and bgpd on a host, which speak EVPN with other hosts. Their files and sockets are in a folder of their own,
 * so that an FRR that may run on this machine is not touched.
 */
public final class Frr implements AutoCloseable {
    private static final Path DAEMONS = Path.of("/usr/lib/frr");
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

    /** On a host whose underlay address is {@code own}, in AS 65001 with {@code peers}, which are of the same AS. */
    public static Frr start(Namespace host, String own, List<String> peers) {
        Frr started;
        try {
            started = new Frr(host, Files.createTempDirectory("peregrine-frr-"));
        } catch (IOException e) {
            throw new LabError("folder of FRR", e);
        }
        try {
            started.write("zebra.conf", "hostname " + host + "\n");
            started.write("bgpd.conf", configuration(own, peers));
            Command.output("chown", "-R", "frr:frr", started.folder.toString());
            started.startZebra();
            started.startBgpd();
            return started;
        } catch (Throwable e) {
            started.close();
            throw e;
        }
    }

    private static String configuration(String own, List<String> peers) {
        StringBuilder text = new StringBuilder("router bgp 65001\n bgp router-id %s\n".formatted(own));
        text.append(" no bgp default ipv4-unicast\n timers bgp 1 3\n");
        for (String peer : peers) {
            text.append(" neighbor %s remote-as 65001\n neighbor %s timers connect 1\n".formatted(peer, peer));
            text.append(" neighbor %s advertisement-interval 0\n".formatted(peer));
        }
        text.append(" address-family l2vpn evpn\n");
        peers.forEach(peer -> text.append("  neighbor %s activate\n".formatted(peer)));
        return text.append("  advertise-all-vni\n exit-address-family\n").toString();
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
        zebra = start("zebra");
    }

    /** Starts bgpd, which must not run. */
    public void startBgpd() {
        bgpd = start("bgpd");
    }

    private BackgroundProcess start(String daemon) {
        Path socket = folder.resolve(daemon + ".vty");
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new LabError("socket of " + daemon, e);
        }
        BackgroundProcess started = BackgroundProcess.start(host.words(
                DAEMONS.resolve(daemon).toString(),
                "-f" + folder.resolve(daemon + ".conf"),
                "-i" + folder.resolve(daemon + ".pid"),
                "-z" + folder.resolve("zserv.api"),
                "--vty_socket",
                folder.toString(),
                "-P0",
                "-ufrr",
                "-gfrr"));
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
