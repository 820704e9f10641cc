package dev.peregrine.dataplane.linux.tun;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;

/**
 * A TAP device whose frames are preceded by a {@code virtio_net_hdr_v1} of {@value #HEADER_SIZE} bytes, in both
 * directions; made by {@link TapBuilder}.
 *
 * <pre>
 * virtio_net_hdr_v1, host byte order
 *   0 flags (NEEDS_CSUM 1)   1 gso_type (none 0, TCPv4 1, TCPv6 4, UDP_L4 5, ECN 0x80)
 *   2 hdr_len   4 gso_size   6 csum_start   8 csum_offset   10 num_buffers
 * </pre>
 *
 * <p>Each queue has a non-blocking descriptor of its own; its reads and its writes may be on one thread each. The
 * device ends when it is closed, when the process dies, or when its namespace is deleted. In the last case reads and
 * writes return {@code -EBADFD}, polling reports an error, and {@link #gone} is true; the descriptors stay open until
 * closed.
 */
public final class Tap implements WorkloadDevice {
    /** Bytes of {@code virtio_net_hdr_v1} before each frame. */
    public static final int HEADER_SIZE = 12;

    private final String name;
    private final int index;
    private final NetNamespace namespace;
    private final TunQueues queues;
    private final boolean isSteered;
    private volatile Set<TapOffload> wanted;
    private volatile Set<TapOffload> offloads;

    Tap(
            String name,
            int index,
            NetNamespace namespace,
            TunQueues queues,
            boolean isSteered,
            Set<TapOffload> wanted,
            Set<TapOffload> accepted) {
        this.name = name;
        this.index = index;
        this.namespace = namespace;
        this.queues = queues;
        this.isSteered = isSteered;
        this.wanted = Set.copyOf(wanted);
        this.offloads = Collections.unmodifiableSet(accepted);
    }

    /**
     * Reads one frame or superframe with its header.
     *
     * @return bytes including the header; {@code -EAGAIN} when none waits; {@code -EBADFD} when the device is gone; or
     *     another {@code -errno}. A frame that is longer than {@code length} is cut off.
     */
    public int read(int queue, long address, int length) {
        return Syscalls.read(queues.fd(queue), address, length);
    }

    /**
     * Writes one frame or superframe: the fragments that {@code count} iovecs at {@code iovecs} gather ({@link
     * dev.peregrine.dataplane.linux.socket.IoVector}), the header first.
     *
     * @return bytes written; {@code -EAGAIN} when the device takes no more now; {@code -EIO} when it is not up;
     *     {@code -EINVAL} for a header that does not fit the frame; {@code -EBADFD} when the device is gone; or another
     *     {@code -errno}
     */
    public int writev(int queue, long iovecs, int count) {
        return Syscalls.writev(queues.fd(queue), iovecs, count);
    }

    /** The name that it was made with; its namespace may have renamed it. */
    public String name() {
        return name;
    }

    @Override
    public Tap tap() {
        return this;
    }

    @Override
    public int index() {
        return index;
    }

    public int queues() {
        return queues.count();
    }

    /** Whether a program chooses the queues of frames, see {@link TapBuilder#steering}. */
    public boolean isSteered() {
        return isSteered;
    }

    /** A queue's descriptor, owned by this device; -1 after closing. */
    public int fd(int queue) {
        return queues.fd(queue);
    }

    /** The offloads that are on now: those that were asked for and the kernel accepted. */
    public Set<TapOffload> offloads() {
        return offloads;
    }

    /** The offloads that were asked for. */
    public Set<TapOffload> wantedOffloads() {
        return wanted;
    }

    /**
     * Turns on just those offloads, as far as the kernel accepts them; returns which. Takes effect from the next frame.
     */
    public Set<TapOffload> offloads(Collection<TapOffload> wanted) {
        this.wanted = Set.copyOf(wanted);
        offloads = Collections.unmodifiableSet(queues.offloads(wanted));
        return offloads;
    }

    @Override
    public boolean gone() {
        return queues.gone();
    }

    @Override
    public Optional<Link> link() throws LinuxException {
        return namespace.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.link(index).filter(link -> link.name().equals(queues.currentName()));
            }
        });
    }

    @Override
    public long lost(Link found) {
        return found.statistics().txDropped();
    }

    @Override
    public void mtu(int bytes) throws LinuxException {
        namespace.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                Optional<Link> link =
                        netlink.link(index).filter(found -> found.name().equals(queues.currentName()));
                netlink.mtu(link.orElseThrow(() -> new LinuxException("get link", name, Errno.ENODEV)), bytes);
                return true;
            }
        });
    }

    @Override
    public void close() {
        queues.close();
    }

    @Override
    public String toString() {
        return "TAP " + name + " in " + namespace;
    }
}
