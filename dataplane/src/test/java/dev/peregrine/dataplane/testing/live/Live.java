package dev.peregrine.dataplane.testing.live;

import dev.peregrine.dataplane.bpf.BpfSupport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Whether live tests can run here. Where they cannot, the calling test is skipped, and says so loudly. */
public final class Live {
    private static @Nullable String noNamespaces;

    private Live() {}

    /** A network namespace of a test's own. */
    public static Namespace namespace() {
        assume("", noNamespaces());
        return Namespace.create();
    }

    /** A network namespace of a test's own, in which TAP devices can be made. */
    public static Namespace tapNamespace() {
        requireTap();
        return Namespace.create();
    }

    /** Wants TAP devices and network namespaces. */
    public static void requireTap() {
        assume("", missing());
    }

    /** Wants BPF programs at interfaces. */
    public static void requireBpf() {
        BpfSupport support = BpfSupport.probe();
        assume("", support.programs().isEmpty() ? support.tcx() : support.programs());
    }

    /** Skips the test if a command failed that only some kernels and machines can carry out. */
    public static void assume(Command.Result result) {
        assume(
                String.join(" ", result.words()) + ": ",
                result.exit() == 0 ? "" : result.output().strip() + " (failed)");
    }

    /** Wants programs of Debian packages. */
    public static void requirePrograms(String packages, String... programs) {
        for (String program : programs) {
            boolean isThere = Command.exists(program);
            assume("", isThere ? "" : "no " + program + " on the PATH; on Debian: apt-get install " + packages);
        }
    }

    private static void assume(String what, String missing) {
        if (!missing.isEmpty()) {
            System.err.println("SKIPPED a live test: " + what + missing);
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> what + missing);
    }

    /** Why TAP devices or network namespaces cannot be made here; empty if they can. */
    public static String missing() {
        return Files.isWritable(Path.of("/dev/net/tun"))
                ? noNamespaces()
                : "/dev/net/tun is not there or not writable: run as root";
    }

    private static synchronized String noNamespaces() {
        if (noNamespaces == null) {
            noNamespaces = probe();
        }
        return noNamespaces;
    }

    private static String probe() {
        if (!Command.exists("ip")) {
            return "no ip on the PATH";
        }
        String name = Namespace.uniquePrefix() + "probe";
        Command.Result added = Command.run(List.of("ip", "netns", "add", name));
        if (added.exit() != 0) {
            return "network namespaces cannot be made: " + added.output().strip();
        }
        Namespace.of(name).delete();
        return "";
    }
}
