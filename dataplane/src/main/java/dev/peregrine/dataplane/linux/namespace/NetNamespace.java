package dev.peregrine.dataplane.linux.namespace;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import dev.peregrine.dataplane.linux.sys.ThreadEnd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace by name or path; each call checks whether it exists. Immutable. Keeps nothing open, so it never
 * keeps a namespace alive.
 */
public final class NetNamespace {
    private static final Path NAMED = Path.of("/run/netns");
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final NetNamespace CURRENT = new NetNamespace("current", OWN);

    private final String name;
    private final Path path;

    private NetNamespace(String name, Path path) {
        this.name = name;
        this.path = path;
    }

    /** Takes a name under {@code /run/netns}, or a path such as {@code /proc/PID/ns/net}. */
    public static NetNamespace of(String name) {
        return new NetNamespace(name, NAMED.resolve(name)); // An absolute path resolves to itself.
    }

    /** Whichever namespace the calling thread is in. */
    public static NetNamespace current() {
        return CURRENT;
    }

    /**
     * The calling thread's, as the kernel names it: {@code net:[4026531840]}; {@code unknown} where that cannot be
     * seen.
     */
    public static String ownLabel() {
        try {
            return Files.readSymbolicLink(OWN).toString();
        } catch (IOException hidden) {
            return "unknown";
        }
    }

    /** As given; "current" for the current one. */
    public String name() {
        return name;
    }

    public Path path() {
        return path;
    }

    /** Something to run in a namespace. */
    @FunctionalInterface
    public interface Action<T extends @Nullable Object> {
        T run() throws LinuxException;
    }

    /**
     * An identity that distinguishes two namespaces, whatever their names.
     *
     * @param device that of the kernel's namespace file system
     * @param inode the number that {@code ls -l /proc/self/ns} shows
     */
    public record Identity(long device, long inode) {}

    /** Whether the namespace exists: a file that a deleted one left behind does not count. */
    public boolean exists() {
        try {
            return identity(path).device() == identity(OWN).device();
        } catch (IOException e) {
            return false;
        }
    }

    /** Of the namespace that has the name now; another one may take the name later. */
    public Identity identity() throws LinuxException {
        try {
            Identity found = identity(path);
            if (path.equals(OWN) || found.device() == identity(OWN).device()) {
                return found;
            }
        } catch (IOException e) {
            throw missing(Errno.ENOENT);
        }
        throw missing(Errno.ENOENT);
    }

    /**
     * Runs an action in this namespace, on a thread of its own that ends afterwards, since a thread that has changed
     * its namespace must not return to a pool; in the current namespace, on the calling thread. Waits for the action,
     * also when interrupted. An exception of the action is thrown here.
     */
    public <T extends @Nullable Object> T call(Action<T> action) throws LinuxException {
        if (path.equals(OWN)) {
            return action.run();
        }
        return call("netns " + name, new NamespaceCall<>(this::enter, action));
    }

    /**
     * Runs an action in a new namespace without a name, which ends with what the action has opened there. Otherwise as
     * {@link #call}; needs CAP_SYS_ADMIN.
     */
    public static <T extends @Nullable Object> T callInNew(Action<T> action) throws LinuxException {
        return call("new netns", new NamespaceCall<>(NetNamespace::leave, action));
    }

    /** Is led through namespaces. */
    public interface Visitor {
        /** Called in a namespace. */
        void visit(NetNamespace namespace) throws LinuxException;

        /** There is no such namespace. */
        void missing(NetNamespace namespace);

        /** A namespace could not be entered, or the visit failed. */
        void failed(NetNamespace namespace, LinuxException why);
    }

    /**
     * Leads a visitor through namespaces, one after the other, on one thread that ends afterwards; in the current
     * namespace on the calling thread. Waits for the end. Far cheaper than a {@link #call} to each.
     */
    public static void forEach(Collection<NetNamespace> namespaces, Visitor visitor) {
        List<NetNamespace> others = new ArrayList<>();
        for (NetNamespace namespace : namespaces) {
            if (namespace.path.equals(OWN)) {
                namespace.receive(visitor);
            } else if (Files.exists(namespace.path)) {
                others.add(namespace);
            } else {
                visitor.missing(namespace);
            }
        }
        if (!others.isEmpty()) {
            NamespaceCall<Boolean> round = new NamespaceCall<>(() -> {}, () -> {
                others.forEach(other -> other.receive(visitor));
                return true;
            });
            try {
                call("netns round", round);
            } catch (LinuxException e) {
                throw new AssertionError("a round tells its visitor of failures", e);
            }
        }
    }

    private void receive(Visitor visitor) {
        try {
            if (!path.equals(OWN)) {
                enter();
            }
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.EINVAL) { // a deleted one may leave its file behind
                visitor.missing(this);
            } else {
                visitor.failed(this, e);
            }
            return;
        }
        try {
            visitor.visit(this);
        } catch (LinuxException e) {
            visitor.failed(this, e);
        }
    }

    private static <T extends @Nullable Object> T call(String thread, NamespaceCall<T> call) throws LinuxException {
        ThreadEnd.await(Thread.ofPlatform().name(thread).daemon().start(call));
        return call.outcome();
    }

    /** Moves the calling thread into a new namespace, for good. */
    private static void leave() throws LinuxException {
        int result = Syscalls.unshare(CLONE_NEWNET);
        if (result < 0) {
            throw LinuxException.wanting("CAP_SYS_ADMIN", "unshare", "network namespace", result);
        }
    }

    /** Moves the calling thread into this namespace, for good. */
    void enter() throws LinuxException {
        int fd = open();
        int result = Syscalls.setns(fd, CLONE_NEWNET);
        Syscalls.close(fd);
        if (result == -Errno.EINVAL) {
            throw missing(result);
        }
        if (result < 0) {
            throw LinuxException.wanting("CAP_SYS_ADMIN", "setns", name, result);
        }
    }

    /** A descriptor that keeps the namespace alive until the caller closes it. */
    public int open() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Syscalls.open(arena.allocateFrom(path.toString()).address(), O_CLOEXEC);
            if (fd == -Errno.ENOENT) {
                throw missing(fd);
            }
            if (fd < 0) {
                throw new LinuxException(
                        "open", path.toString(), fd, "run as root, or as the user that made the namespace");
            }
            return fd;
        }
    }

    /** The command with which a user works on the interfaces in here, for messages. */
    public String ip() {
        return path.equals(OWN) ? "ip" : "nsenter --net=" + path + " ip";
    }

    /** As in "network namespace cB", for messages. */
    @Override
    public String toString() {
        return path.equals(OWN) ? "the current network namespace" : "network namespace " + name;
    }

    /** Why it may not exist, and how to make it, for messages. */
    public String absence() {
        return path.startsWith(NAMED)
                ? "there is no network namespace " + name + " (ip netns list): ip netns add " + name
                : "there is no network namespace at " + path
                        + ": its process has ended, or the path is wrong; a name outlives processes (ip netns attach)";
    }

    private LinuxException missing(int errno) {
        return new LinuxException("open network namespace", path.toString(), errno, absence());
    }

    private static Identity identity(Path path) throws IOException {
        Map<String, Object> both = Files.readAttributes(path, "unix:dev,ino");
        return new Identity(number(both.get("dev")), number(both.get("ino")));
    }

    private static long number(@Nullable Object attribute) {
        return (long) Objects.requireNonNull(attribute, "the attribute was asked for");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NetNamespace that && path.equals(that.path);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }
}
