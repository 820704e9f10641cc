package dev.peregrine.dataplane.endpoint.device;

import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.linux.namespace.DeviceSysctl;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.VethPair;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import dev.peregrine.dataplane.linux.tun.Tap;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.linux.tun.WorkloadDevice;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A veth pair whose one end is the workload's interface, and a TAP device that {@link VethGlue} joins to the other end,
 * the host end. Host end and TAP stay in the namespace of the thread that makes them, as {@code pgvethN} and
 * {@code pgtapN}, and nothing but frames of the workload passes them.
 *
 * <p>The pair has no descriptor and outlives a process that is killed; the TAP does not. So a host end without its TAP
 * is one that a process left behind: {@link #removeStale}.
 */
public final class VethTap implements WorkloadDevice {
    private static final String TAP_NAME = "pgtap";
    private static final String HOST_NAME = "pgveth";
    private static final Pattern HOST = Pattern.compile(HOST_NAME + "(\\d+)");

    /** The alias of host ends begins so, before the port's name. */
    private static final String ALIAS = "peregrine port ";

    /** The host end refuses no frame: the workload's end has the MTU. */
    private static final int HOST_MTU = 65_535;

    private final Tap tap;
    private final int host;
    private final int index;
    private final NetNamespace namespace;
    private final VethGlue glue;
    private final boolean isElsewhere;
    private boolean closed;

    private VethTap(Tap tap, int host, int index, NetNamespace namespace, VethGlue glue, boolean isElsewhere) {
        this.tap = tap;
        this.host = host;
        this.index = index;
        this.namespace = namespace;
        this.glue = glue;
        this.isElsewhere = isElsewhere;
    }

    /** A TAP to be joined to a pair, with the defaults of {@link TapBuilder}. */
    public static TapBuilder tapBuilder() {
        return TapBuilder.hidden(TAP_NAME + "%d");
    }

    /**
     * Makes the pair and the TAP, and brings all up. On failure nothing is left behind.
     *
     * @param port whose they are, for people who look at the host end
     * @param device name of the workload's interface
     * @param namespace where it will be
     * @param setup of the workload's interface
     * @param builder see {@link #tapBuilder}
     */
    public static VethTap open(
            String port, String device, NetNamespace namespace, InterfaceSetup setup, TapBuilder builder)
            throws LinuxException {
        Tap tap = builder.open();
        try {
            String host = hostName(tap);
            addPair(host, device, namespace, setup);
            try {
                return join(tap, prepare(host, ALIAS + port), device, namespace, setup);
            } catch (LinuxException | RuntimeException e) {
                delete(host);
                throw e;
            }
        } catch (LinuxException | RuntimeException e) {
            tap.close();
            throw e;
        }
    }

    /** A pair that was left behind may have either name. */
    private static void addPair(String host, String device, NetNamespace namespace, InterfaceSetup setup)
            throws LinuxException {
        int target = namespace.open();
        try {
            VethPair.add(host, HOST_MTU, device, target, setup.mac(), setup.mtu());
        } catch (LinuxException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
            if (removeStale(host) == 0) {
                throw taken(device, namespace);
            }
            VethPair.add(host, HOST_MTU, device, target, setup.mac(), setup.mtu());
        } finally {
            Syscalls.close(target);
        }
    }

    private static VethTap join(Tap tap, int host, String device, NetNamespace namespace, InterfaceSetup setup)
            throws LinuxException {
        boolean isElsewhere =
                !namespace.identity().equals(NetNamespace.current().identity());
        Program toWorkload = isElsewhere ? VethGlue.toWorkload(host, setup.mac()) : VethGlue.throughPair(host);
        VethGlue glue = VethGlue.attach(tap.index(), host, toWorkload);
        try {
            bringUp(host);
            int index = namespace.call(() -> configure(device, setup));
            return new VethTap(tap, host, index, namespace, glue, isElsewhere);
        } catch (LinuxException | RuntimeException e) {
            glue.close();
            throw e;
        }
    }

    /** Marks and silences the host end; returns its number. */
    private static int prepare(String host, String alias) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            Link link = netlink.link(host).orElseThrow(() -> removed(host));
            VethPair.mark(link, alias);
            VethPair.silence(link);
            return link.index();
        }
    }

    private static void bringUp(int host) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            netlink.up(netlink.link(host).orElseThrow(() -> removed("interface " + host)));
        }
    }

    /** Sets the workload's end up, in its namespace; returns its number there. */
    private static int configure(String device, InterfaceSetup setup) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            Link link = netlink.link(device).orElseThrow(() -> removed(device));
            netlink.maxSegments(link, TapEndpoint.MAX_SEGMENTS);
            DeviceSysctl.announceAddresses(device);
            netlink.bringUp(link, setup.addresses(), setup.routes());
            return link.index();
        }
    }

    private static LinuxException removed(String device) {
        return new LinuxException(
                "get link", device, Errno.ENODEV, "somebody removed or renamed it while the pair was made: try again");
    }

    /** The error when an interface of the device's name is there already. */
    public static LinuxException taken(String device, NetNamespace namespace) {
        return new LinuxException(
                "make veth",
                device + " in " + namespace,
                Errno.EEXIST,
                "a device of that name exists there: %s link del %s, or choose another name"
                        .formatted(namespace.ip(), device));
    }

    /**
     * Removes pairs in the calling thread's namespace that a process left behind which was killed, with the workloads'
     * ends; returns how many.
     */
    public static int removeStale() throws LinuxException {
        return removeStale("");
    }

    /** @param own name of a host end that is to be made: whoever has it has no TAP of that number any more */
    private static int removeStale(String own) throws LinuxException {
        int removed = 0;
        try (Netlink netlink = Netlink.open()) {
            for (VethPair.End end : VethPair.marked()) {
                Matcher name = HOST.matcher(end.name());
                boolean isOurs = name.matches() && end.alias().startsWith(ALIAS);
                if (isOurs
                        && (end.name().equals(own)
                                || netlink.link(TAP_NAME + name.group(1)).isEmpty())) {
                    Optional<Link> link = netlink.link(end.index());
                    if (link.isPresent()) {
                        netlink.delete(link.get());
                        removed++;
                    }
                }
            }
        }
        return removed;
    }

    /** Number of the host end, in the namespace of the thread that made the pair. */
    public int host() {
        return host;
    }

    /** Whether the workload's end is in another namespace, so that frames can be moved there at once. */
    public boolean isElsewhere() {
        return isElsewhere;
    }

    @Override
    public Tap tap() {
        return tap;
    }

    @Override
    public int index() {
        return index;
    }

    /** The pair ends with the workload's namespace, and when the workload deletes its interface. */
    @Override
    public boolean gone() {
        if (tap.gone()) {
            return true;
        }
        try (Netlink netlink = Netlink.open()) {
            return netlink.link(host).isEmpty();
        } catch (LinuxException e) {
            return false; // nothing is known to have changed
        }
    }

    @Override
    public Optional<Link> link() throws LinuxException {
        return namespace.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.link(index);
            }
        });
    }

    @Override
    public void mtu(int bytes) throws LinuxException {
        namespace.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                Link link = netlink.link(index)
                        .orElseThrow(() -> new LinuxException("get link", "interface " + index, Errno.ENODEV));
                netlink.mtu(link, bytes);
                return true;
            }
        });
    }

    /** Also those that found the backlog between the two ends full. */
    @Override
    public long lost(Link found) throws LinuxException {
        return found.statistics().txDropped()
                + tap.link().map(link -> link.statistics().txDropped()).orElse(0L);
    }

    @Override
    public void close() {
        if (closed) {
            return; // the names may be another pair's by now
        }
        closed = true;
        glue.close();
        delete(hostName(tap));
        tap.close();
    }

    private static String hostName(Tap tap) {
        return HOST_NAME + tap.name().substring(TAP_NAME.length());
    }

    private static void delete(String host) {
        try (Netlink netlink = Netlink.open()) {
            Optional<Link> link = netlink.link(host);
            if (link.isPresent()) {
                netlink.delete(link.get());
            }
        } catch (LinuxException e) {
            return; // it has gone meanwhile, or the next process removes it
        }
    }
}
