package dev.peregrine.dataplane.linux.tun;

import dev.peregrine.dataplane.linux.namespace.DeviceSysctl;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.Route;
import dev.peregrine.dataplane.linux.netlink.VethPair;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Makes a {@link Tap}, in the current network namespace or another one, with its addresses and up.
 *
 * <p>The device is made in the caller's namespace under a temporary name and then moved. A descriptor opened inside the
 * target would hold a reference to it: deleting the namespace would leave it, and the device, alive unseen.
 */
public final class TapBuilder {
    /** The most that the kernel allows. */
    private static final int MAX_QUEUES = 256;

    /** Until the device has its place. */
    private static final String TEMPORARY_NAME = "peregrine%d";

    private String name;
    private final boolean isHidden;
    private final List<Prefix> addresses = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private NetNamespace namespace = NetNamespace.current();
    private int queues = 1;
    private OptionalInt steering = OptionalInt.empty();
    private OptionalLong mac = OptionalLong.empty();
    private OptionalInt mtu = OptionalInt.empty();
    private OptionalInt maxSegments = OptionalInt.empty();
    private OptionalInt txQueueLength = OptionalInt.empty();
    private Set<TapOffload> offloads = EnumSet.allOf(TapOffload.class);
    private boolean announces;

    private TapBuilder(String name, boolean isHidden) {
        this.name = name;
        this.isHidden = isHidden;
    }

    public static TapBuilder named(String name) {
        return new TapBuilder(Netlink.checkName(name), /* isHidden= */ false);
    }

    /**
     * A device that stays in the current namespace and is no workload's: the kernel sends nothing by it on its own
     * account.
     *
     * @param pattern its name, with {@code %d} for a number that the kernel chooses
     */
    public static TapBuilder hidden(String pattern) {
        return new TapBuilder(pattern, /* isHidden= */ true);
    }

    /** Default: the current namespace. */
    public TapBuilder in(NetNamespace target) {
        namespace = target;
        return this;
    }

    /**
     * 1 to 256, default 1; with more than one the kernel spreads flows over them ({@code IFF_MULTI_QUEUE}). Without
     * {@link #steering} it chooses the queue to which the last frame of the flow was written, or by a hash until one
     * was: a flow may change its queue, and its frames overtake each other.
     */
    public TapBuilder queues(int count) {
        if (count < 1 || count > MAX_QUEUES) {
            throw new IllegalArgumentException(count + " TAP queues are not within 1 to " + MAX_QUEUES);
        }
        queues = count;
        return this;
    }

    /**
     * A BPF socket filter that chooses the queue of each frame that is read: its result, 16 bits, modulo their number.
     * In force before the device comes up, where the kernel takes it: see {@link Tap#isSteered}.
     *
     * @param program its descriptor, which may be closed when the device is open
     */
    public TapBuilder steering(int program) {
        steering = OptionalInt.of(program);
        return this;
    }

    /** 48 bits, the first octet highest; default: random. */
    public TapBuilder mac(long address) {
        mac = OptionalLong.of(address);
        return this;
    }

    /** Bytes, 68 to 65521; default 1500. */
    public TapBuilder mtu(int bytes) {
        mtu = OptionalInt.of(bytes);
        return this;
    }

    /** The most segments of a superframe that is read; default 65535. */
    public TapBuilder maxSegments(int segments) {
        maxSegments = OptionalInt.of(segments);
        return this;
    }

    /** How many frames wait for reading, per queue, before they are dropped; default 1000. */
    public TapBuilder txQueueLength(int packets) {
        txQueueLength = OptionalInt.of(packets);
        return this;
    }

    public TapBuilder address(Prefix address) {
        addresses.add(address);
        return this;
    }

    /** Added after all addresses, in order. */
    public TapBuilder route(Route route) {
        routes.add(route);
        return this;
    }

    /** Default: all that the kernel accepts. */
    public TapBuilder offloads(Collection<TapOffload> wanted) {
        offloads = wanted.isEmpty() ? EnumSet.noneOf(TapOffload.class) : EnumSet.copyOf(wanted);
        return this;
    }

    /** Has the kernel announce the addresses to their neighbours when the device comes up; default: it is silent. */
    public TapBuilder announced() {
        announces = true;
        return this;
    }

    /** The message for a user when an interface of the device's name is there already. */
    public String taken() {
        return taken(Errno.EEXIST).getMessage();
    }

    /** Makes the device and brings it up. On failure nothing is left behind. */
    public Tap open() throws LinuxException {
        TunQueues tun = TunQueues.open(queues, isHidden ? name : TEMPORARY_NAME);
        try {
            Set<TapOffload> accepted = tun.offloads(offloads);
            boolean isSteered = steering.isPresent() && tun.steer(steering.getAsInt()) >= 0;
            if (isHidden) {
                name = tun.name();
            } else {
                place(tun.name());
            }
            int index = namespace.call(this::configure);
            return new Tap(name, index, namespace, tun, isSteered, /* wanted= */ offloads, accepted);
        } catch (LinuxException | RuntimeException e) {
            tun.close();
            throw e;
        }
    }

    /** Gives the device its place and name. */
    private void place(String temporaryName) throws LinuxException {
        int target = namespace.open();
        try (Netlink netlink = Netlink.open()) {
            netlink.move(require(netlink, temporaryName), target, name);
        } catch (LinuxException e) {
            throw e.errno() == Errno.EEXIST || e.errno() == Errno.EBUSY ? taken(e.errno()) : e;
        } finally {
            Syscalls.close(target);
        }
    }

    private LinuxException taken(int errno) {
        return new LinuxException(
                "make TAP",
                name + " in " + namespace,
                errno,
                "a device of that name exists there: %s link del %s, or choose another name"
                        .formatted(namespace.ip(), name));
    }

    /** Sets the device up in its place; returns its number there. */
    private int configure() throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            Link link = require(netlink, name);
            if (mac.isPresent()) {
                netlink.mac(link, mac.getAsLong());
            }
            if (mtu.isPresent()) {
                netlink.mtu(link, mtu.getAsInt());
            }
            if (maxSegments.isPresent()) {
                netlink.maxSegments(link, maxSegments.getAsInt());
            }
            if (txQueueLength.isPresent()) {
                netlink.txQueueLength(link, txQueueLength.getAsInt());
            }
            if (isHidden) {
                VethPair.silence(link);
            }
            if (announces) {
                DeviceSysctl.announceAddresses(name);
            }
            netlink.bringUp(link, addresses, routes);
            return link.index();
        }
    }

    private static Link require(Netlink netlink, String name) throws LinuxException {
        return netlink.link(name)
                .orElseThrow(() -> new LinuxException(
                        "get link",
                        name,
                        Errno.ENODEV,
                        "somebody removed or renamed the TAP while it was made: try again"));
    }
}
