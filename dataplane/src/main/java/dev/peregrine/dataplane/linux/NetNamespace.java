package dev.peregrine.dataplane.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace by name or path; whether it exists is asked anew each time. Immutable. Keeps nothing open, so it
 * never keeps a namespace alive.
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
     * What tells two namespaces apart, whatever their names.
     *
     * @param device that of the kernel's namespace file system
     * @param inode the number that {@code ls -l /proc/self/ns} shows
     */
    public record Identity(long device, long inode) {}

    /** Whether there is a namespace: the file that a deleted one may leave behind is none. */
    public boolean exists() {
        try {
            return identity(path).device() == identity(OWN).device();
        } catch (IOException e) {
            return false;
        }
    }

    /** Of the namespace that has the name now; another one may take the name later. */
    public Identity identity() throws LinuxException {
        if (!exists()) {
            throw missing(Errno.ENOENT);
        }
        try {
            return identity(path);
        } catch (IOException e) {
            throw missing(Errno.ENOENT);
        }
    }

    /**
     * Runs an action in this namespace, on a thread of its own that ends afterwards, since a thread that has changed its
     * namespace must not return to a pool; in the current namespace, on the calling thread. Waits for the action, also
     * when interrupted. What the action throws is thrown here.
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

    private static <T extends @Nullable Object> T call(String thread, NamespaceCall<T> call) throws LinuxException {
        join(Thread.ofPlatform().name(thread).daemon().start(call));
        return call.outcome();
    }

    /** Waits for the end of a thread, also when interrupted. */
    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Moves the calling thread into a new namespace, for good. */
    private static void leave() throws LinuxException {
        int result = Syscalls.unshare(CLONE_NEWNET);
        if (result < 0) {
            throw new LinuxException("unshare", "network namespace", result, "run as root or with CAP_SYS_ADMIN");
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
            throw new LinuxException("setns", name, result, "run as root or with CAP_SYS_ADMIN");
        }
    }

    /** A descriptor that keeps the namespace alive until the caller closes it. */
    int open() throws LinuxException {
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

    /** As in "network namespace cB", for messages. */
    @Override
    public String toString() {
        return path.equals(OWN) ? "the current network namespace" : "network namespace " + name;
    }

    private LinuxException missing(int errno) {
        String advice = path.startsWith(NAMED)
                ? "there is no such network namespace (ip netns list): ip netns add " + name
                : "there is no network namespace at this path: its process has ended, or the path is wrong";
        return new LinuxException("open network namespace", path.toString(), errno, advice);
    }

    private static Identity identity(Path path) throws IOException {
        long device = (long) Files.getAttribute(path, "unix:dev");
        return new Identity(device, (long) Files.getAttribute(path, "unix:ino"));
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
