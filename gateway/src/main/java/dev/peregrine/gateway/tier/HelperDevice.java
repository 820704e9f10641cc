package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.Assembler;
import dev.peregrine.dataplane.bpf.Attachment.Place;
import dev.peregrine.dataplane.bpf.FilterAttachment;
import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.bpf.Verdict;
import dev.peregrine.dataplane.linux.namespace.AbstractSocketLock;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.VethPair;
import dev.peregrine.dataplane.linux.netlink.bridge.BridgeDevices;
import dev.peregrine.dataplane.linux.socket.DeviceFeatures;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.kernel.SocketProgram;
import dev.peregrine.fastpath.kernel.TunnelEnd;
import dev.peregrine.gateway.underlay.UnderlayInterface;
import dev.peregrine.vxlan.underlay.socket.UnderlayPort;
import java.net.SocketException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The VXLAN device of the kernel that has the tunnel's port, so that the kernel merges what is in the tunnel: without
 * it, TCP would reach programs and gateway a segment at a time, or merged as datagrams, which no program can take
 * apart. Datagrams reach the gateway's sockets all the same, by {@link SocketProgram}.
 *
 * <pre>
 *   underlay ─► GRO, by the port's owner ─► {@link dev.peregrine.fastpath.kernel.UnderlayProgram} ─► the device ─► container
 *                                               └── {@link SocketProgram} ─► the gateway's sockets
 * </pre>
 *
 * <p>Its name is {@code pgvxPORT}; its alias says whose it is, and what was changed of the underlay's interface: UDP in
 * a tunnel is merged only with {@code rx-udp-gro-forwarding}. Both outlive a gateway that is killed: the next one to
 * start here with this port removes the device and changes the interface back ({@link #removeStale}). Until then, no
 * datagram gets past the filter that is at the device.
 *
 * <p>Belongs to the control thread.
 */
public final class HelperDevice implements UnderlayPort.Redirect, AutoCloseable {
    private static final String KIND = "vxlan";
    private static final String NAME = "pgvx";
    private static final String FEATURE = "rx-udp-gro-forwarding";
    private static final String ALIAS = "peregrine helper device";
    private static final Pattern CHANGED = Pattern.compile(ALIAS + ", (\\S+) had no " + FEATURE);
    private static final Logger log = LoggerFactory.getLogger(HelperDevice.class);

    private final AbstractSocketLock lock;
    private final TunnelEnd end;
    private final UnderlayInterface underlay;
    private int index;

    /** The underlay's interface, and the port of the gateway's sockets, that the program is for. */
    private int over;

    private int receiverPort;
    private @Nullable TcxLink toSockets;

    /** The interface that was changed, by its name; null for none. */
    private @Nullable String changedDevice;

    private HelperDevice(AbstractSocketLock lock, TunnelEnd end, UnderlayInterface underlay) {
        this.lock = lock;
        this.end = end;
        this.underlay = underlay;
    }

    /**
     * Makes the device; on failure nothing is left behind.
     *
     * @param underlay the interface that datagrams come in by
     * @param now as it is now
     */
    static HelperDevice open(TunnelEnd end, UnderlayInterface underlay, Link now) throws LinuxException {
        AbstractSocketLock own = lock(end.port())
                .orElseThrow(() -> new LinuxException(
                        "make helper device",
                        NAME + end.port(),
                        Errno.EADDRINUSE,
                        "another gateway in this namespace has one for this port"));
        HelperDevice made = new HelperDevice(own, end, underlay);
        try {
            made.make();
            made.mergeUdp(now.name());
            return made;
        } catch (LinuxException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private static Optional<AbstractSocketLock> lock(int port) throws LinuxException {
        return AbstractSocketLock.tryAcquire("helper/" + port);
    }

    private void make() throws LinuxException {
        try (BridgeDevices devices = BridgeDevices.open()) {
            devices.addExternalVxlan(name(), end.port());
        }
        try (Netlink netlink = Netlink.open()) {
            Link link = own(netlink);
            index = link.index();
            VethPair.mark(link, ALIAS);
            VethPair.silence(link);
            try (LoadedProgram drop = LoadedProgram.load(
                    new Assembler("pg_drop").exit(Verdict.DROP).assemble())) {
                FilterAttachment.attach(drop, index, Hook.INGRESS, Place.LAST);
            }
            up(netlink, link);
        }
    }

    private Link own(Netlink netlink) throws LinuxException {
        return netlink.link(name())
                .orElseThrow(() -> new LinuxException(
                        "get link", name(), Errno.ENODEV, "somebody removed or renamed the helper device"));
    }

    private void up(Netlink netlink, Link link) throws LinuxException {
        try {
            netlink.up(link);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EADDRINUSE) {
                throw e;
            }
            String owner = netlink.vxlanOwner(end.port())
                    .map(other -> "the VXLAN device " + other.name() + " has it")
                    .orElse("ss -lunp shows who has it");
            throw new LinuxException("bind", "UDP port " + end.port(), Errno.EADDRINUSE, owner);
        }
    }

    private void mergeUdp(String device) throws LinuxException {
        if (DeviceFeatures.active(device).contains(FEATURE)) {
            return;
        }
        String before = changedDevice;
        try (Netlink netlink = Netlink.open()) {
            if (before != null && !before.equals(device)) {
                changeBack(netlink, before); // the alias names one
            }
            VethPair.mark(own(netlink), ALIAS + ", " + device + " had no " + FEATURE);
        }
        changedDevice = device;
        DeviceFeatures.set(device, FEATURE, true);
        if (!DeviceFeatures.active(device).contains(FEATURE)) {
            throw new LinuxException(
                    "set " + FEATURE,
                    device,
                    Errno.EOPNOTSUPP,
                    "without it the kernel would merge no UDP in the tunnel");
        }
    }

    /** As {@code ip link} shows it. */
    String name() {
        return NAME + end.port();
    }

    /** Its number, in the gateway's namespace. */
    int index() {
        return index;
    }

    /**
     * The program that {@link dev.peregrine.fastpath.kernel.UnderlayProgram} must be before; null while there are no
     * sockets.
     */
    @Nullable
    TcxLink toSockets() {
        return toSockets;
    }

    /** Sockets are opened again when the underlay's interface is another one: then that one merges UDP, too. */
    @Override
    public void to(int port) throws LinuxException {
        Link now;
        try {
            now = underlay.find()
                    .orElseThrow(() -> new LinuxException("get link", "the underlay's interface", Errno.ENODEV));
        } catch (SocketException e) {
            throw new LinuxException("get link", "the underlay's interface: " + e.getMessage(), Errno.ENODEV);
        }
        if (now.index() == over && port == receiverPort) {
            return;
        }
        mergeUdp(now.name());
        TcxLink before = toSockets;
        try (LoadedProgram program = LoadedProgram.load(SocketProgram.of(end, port))) {
            toSockets = TcxLink.attach(program, now.index(), Hook.INGRESS, Place.LAST);
        }
        over = now.index();
        receiverPort = port;
        if (before != null) {
            before.close();
        }
    }

    /**
     * Follows the underlay's address to another interface: sockets that are bound to the address stay open then, but
     * the program is at the interface.
     */
    void follow() throws LinuxException {
        if (toSockets != null) {
            to(receiverPort);
        }
    }

    /**
     * Removes the device, and changes the underlay's interface back. Datagrams to the port reach nobody from now on.
     */
    @Override
    public void close() {
        try {
            remove(end.port());
        } catch (LinuxException e) {
            log.warn("the helper device {} is left behind: {}", name(), e.getMessage());
        }
        if (toSockets != null) {
            toSockets.close();
        }
        lock.close();
    }

    /** Removes the device of a gateway that was killed here and had this port; true if there was one. */
    static boolean removeStale(int port) throws LinuxException {
        Optional<AbstractSocketLock> lock = lock(port);
        if (lock.isEmpty()) {
            return false;
        }
        try (AbstractSocketLock _ = lock.get()) {
            return remove(port);
        }
    }

    private static boolean remove(int port) throws LinuxException {
        boolean isRemoved = false;
        try (Netlink netlink = Netlink.open()) {
            for (VethPair.End found : VethPair.marked(KIND)) {
                if (!found.name().equals(NAME + port) || !found.alias().startsWith(ALIAS)) {
                    continue;
                }
                Optional<Link> link = netlink.link(found.index());
                if (link.isPresent()) {
                    netlink.delete(link.get());
                    isRemoved = true;
                }
                Matcher changed = CHANGED.matcher(found.alias());
                if (changed.matches()) {
                    changeBack(netlink, changed.group(1));
                }
            }
        }
        return isRemoved;
    }

    private static void changeBack(Netlink netlink, String device) throws LinuxException {
        if (netlink.link(device).isPresent()) {
            DeviceFeatures.set(device, FEATURE, false);
        }
    }
}
