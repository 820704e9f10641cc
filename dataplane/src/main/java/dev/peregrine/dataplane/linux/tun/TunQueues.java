package dev.peregrine.dataplane.linux.tun;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** The {@code /dev/net/tun} side of a TAP: one descriptor per queue, and their ioctls. */
final class TunQueues {
    private static final String DEVICE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNGETIFF = 0x800454d2L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final long TUNSETSTEERINGEBPF = 0x800454e0L;
    private static final int IFF_TAP = 0x0002;
    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;

    private static final int IFREQ_SIZE = 40;
    private static final int IFREQ_FLAGS = 16;

    private final int[] fds;
    private final String name;
    private boolean closed;

    private TunQueues(int[] fds, String name) {
        this.fds = fds;
        this.name = name;
    }

    /**
     * Makes a TAP device, down, in the calling thread's network namespace.
     *
     * @param name with {@code %d}, for which the kernel fills in the lowest number that is free
     */
    static TunQueues open(int queues, String name) throws LinuxException {
        int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | (queues > 1 ? IFF_MULTI_QUEUE : 0);
        int[] fds = new int[queues];
        int opened = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            ifreq.setString(0, name);
            while (opened < queues) {
                fds[opened] = openDevice(arena);
                opened++;
                ifreq.set(JAVA_SHORT, IFREQ_FLAGS, (short) flags);
                require(Syscalls.ioctl(fds[opened - 1], TUNSETIFF, ifreq.address()), "TUNSETIFF", opened);
            }
            int size = Syscalls.ioctl(
                    fds[0],
                    TUNSETVNETHDRSZ,
                    arena.allocateFrom(JAVA_INT, Tap.HEADER_SIZE).address());
            require(size, "TUNSETVNETHDRSZ", opened);
            return new TunQueues(fds, ifreq.getString(0));
        } catch (LinuxException e) {
            for (int i = 0; i < opened; i++) {
                Syscalls.close(fds[i]);
            }
            throw e;
        }
    }

    int count() {
        return fds.length;
    }

    /** -1 after closing. */
    int fd(int queue) {
        return fds[queue];
    }

    /** The name at creation. */
    String name() {
        return name;
    }

    /** Turns on the wanted offloads one by one, and returns those that the kernel accepted. */
    Set<TapOffload> offloads(Collection<TapOffload> wanted) {
        EnumSet<TapOffload> accepted = EnumSet.noneOf(TapOffload.class);
        Syscalls.ioctl(fds[0], TUNSETOFFLOAD, 0);
        for (TapOffload offload : TapOffload.values()) {
            EnumSet<TapOffload> more = EnumSet.copyOf(accepted);
            more.add(offload);
            if (wanted.contains(offload) && Syscalls.ioctl(fds[0], TUNSETOFFLOAD, TapOffload.bits(more)) >= 0) {
                accepted.add(offload);
            }
        }
        return accepted;
    }

    /** Has a program choose the queue of each frame that is read; the kernel's answer, or {@code -errno}. */
    int steer(int program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fd = arena.allocateFrom(JAVA_INT, program);
            return Syscalls.ioctl(fds[0], TUNSETSTEERINGEBPF, fd.address());
        }
    }

    /** The name now, in whatever namespace the device is; empty when it is no more. */
    String currentName() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ifreq = arena.allocate(IFREQ_SIZE, 8);
            return Syscalls.ioctl(fds[0], TUNGETIFF, ifreq.address()) < 0 ? "" : ifreq.getString(0);
        }
    }

    /** Whether the device has ended, as when its namespace was deleted. */
    boolean gone() {
        return currentName().isEmpty();
    }

    /** Ends the device: it does not outlive its last descriptor. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            for (int i = 0; i < fds.length; i++) {
                Syscalls.close(fds[i]);
                fds[i] = -1;
            }
        }
    }

    private static int openDevice(Arena arena) throws LinuxException {
        int fd = Syscalls.open(arena.allocateFrom(DEVICE).address(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd == -Errno.ENOENT || fd == -Errno.ENODEV) {
            throw new LinuxException(
                    "open", DEVICE, fd, "load the tun module (modprobe tun); give a container the device " + DEVICE);
        }
        if (fd == -Errno.EACCES) {
            throw new LinuxException(
                    "open",
                    DEVICE,
                    fd,
                    "the file's mode or owner keeps this user out (ls -l " + DEVICE
                            + "), whatever its capabilities: run as root, or chmod 666 " + DEVICE);
        }
        if (fd == -Errno.EPERM) {
            throw new LinuxException(
                    "open",
                    DEVICE,
                    fd,
                    "the device rules of a control group keep this process out: give the container the device "
                            + DEVICE);
        }
        if (fd < 0) {
            throw new LinuxException("open", DEVICE, fd);
        }
        return fd;
    }

    private static void require(int result, String request, int queue) throws LinuxException {
        if (result < 0) {
            throw new LinuxException("ioctl", request + ", TAP queue " + queue, result);
        }
    }
}
