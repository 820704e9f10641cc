package dev.peregrine.dataplane.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A network namespace of a test's own, made with {@code ip netns add}, deleted on close. */
public final class Live implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static @Nullable String reason;

    public final String name = "lnx-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    public final NetNamespace namespace = NetNamespace.of(name);
    private boolean deleted;

    public Live() {
        require();
        ip("netns", "add", name);
    }

    /** Skips the test, saying why, where namespaces and TAP devices cannot be made. */
    public static void require() {
        String why = reason();
        if (!why.isEmpty()) {
            System.err.println("SKIPPED a test of live devices: " + why);
        }
        Assumptions.assumeTrue(why.isEmpty(), "skipped: " + why);
    }

    private static synchronized String reason() {
        if (reason == null) {
            reason = missing();
        }
        return reason;
    }

    private static String missing() {
        if (!Files.isWritable(Path.of("/dev/net/tun"))) {
            return "no access to /dev/net/tun: run as root";
        }
        String probe = "lnx-" + ProcessHandle.current().pid() + "-probe";
        String output = run("ip", "netns", "add", probe);
        if (!output.isEmpty()) {
            return "ip netns add: " + output.strip();
        }
        return run("ip", "netns", "del", probe).strip();
    }

    /** Runs {@code ip} with these arguments, which must succeed; what it printed. */
    public static String ip(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        String output = run(command);
        assertEquals(-1, output.indexOf("\nfailed with "), () -> String.join(" ", command) + ": " + output);
        return output;
    }

    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            return exit == 0 ? output : output + "\nfailed with " + exit;
        } catch (IOException e) {
            return "\nfailed with " + e;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The names of all interfaces there, those that kernel modules add to every namespace left out. */
    public Set<String> devices() throws LinuxException {
        return namespace.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.links().stream()
                        .filter(link -> link.name().equals("lo") || link.kind().equals("tun"))
                        .map(Link::name)
                        .collect(Collectors.toSet());
            }
        });
    }

    public void delete() {
        deleted = true;
        ip("netns", "del", name);
    }

    @Override
    public void close() {
        if (!deleted) {
            delete();
        }
    }
}
