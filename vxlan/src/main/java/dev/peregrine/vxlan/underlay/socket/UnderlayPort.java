package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.namespace.AbstractSocketLock;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.PacketPool;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.SendRoom;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.UnderlaySettings;
import dev.peregrine.vxlan.underlay.VtepCounters;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.BindException;
import org.jspecify.annotations.Nullable;

/**
 * An underlay address and UDP port that one gateway holds; each of its workers opens its end from it.
 *
 * <p>Several workers share the port by {@code SO_REUSEPORT}, which would let a second gateway of the same user share it
 * too, and take part of the traffic; a lock for the network namespace, address and port keeps it out.
 */
public final class UnderlayPort implements AutoCloseable {
    private final UnderlaySettings settings;
    private final VtepTable vteps;
    private final int workers;
    private final AbstractSocketLock lock;
    private final OffloadCheck check;
    private @Nullable Redirect redirect;

    /** Where receivers are bound when datagrams are redirected to them. */
    private int receiverPort;

    /**
     * Has datagrams to the port reach a receiver that is bound to another one, since a VXLAN device of the kernel has
     * the port.
     */
    public interface Redirect {
        /**
         * A worker's receiver is bound to this port of the underlay's address; other workers' follow, of one group
         * ({@code SO_REUSEPORT}).
         */
        void to(int port) throws LinuxException;
    }

    private UnderlayPort(
            UnderlaySettings settings, VtepTable vteps, int workers, AbstractSocketLock lock, OffloadCheck check) {
        this.settings = settings;
        this.vteps = vteps;
        this.workers = workers;
        this.lock = lock;
        this.check = check;
    }

    /**
     * Locks the port in the calling thread's network namespace, and checks there that the wanted offloads change no
     * datagram.
     *
     * @param workers how many ends will be opened
     * @throws BindException when another gateway has it
     */
    public static UnderlayPort claim(UnderlaySettings settings, VtepTable vteps, int workers) throws IOException {
        boolean wanted = settings.gso() || settings.gro();
        return claim(settings, vteps, workers, wanted ? OffloadCheck.run(settings.local()) : OffloadCheck.none());
    }

    static UnderlayPort claim(UnderlaySettings settings, VtepTable vteps, int workers, OffloadCheck check)
            throws IOException {
        String address = AddressText.of(settings.local());
        AbstractSocketLock lock = AbstractSocketLock.tryAcquire("underlay/" + address + "/" + settings.port())
                .orElseThrow(() -> new BindException("UDP port " + settings.port() + " of " + address
                        + " belongs to another Peregrine gateway in this network namespace"
                        + " (ss -lunp shows its process): stop it, or choose another port"));
        return new UnderlayPort(settings, vteps, workers, lock, check);
    }

    /**
     * Opens one worker's end, in the calling thread's network namespace.
     *
     * @param worker number of the worker, from 0
     * @param pool where its buffers come from
     * @param drops where it counts drops
     * @throws IOException when a socket cannot be opened or bound; the message says what to do
     */
    public NativeUnderlay open(int worker, PacketPool pool, DropCounters drops) throws IOException {
        return open(worker, pool, drops, counters(), PacketPool.ROOM);
    }

    /** As {@link #open(int, PacketPool, DropCounters)}, but continues to count in {@code counters}. */
    public NativeUnderlay open(int worker, PacketPool pool, DropCounters drops, VtepCounters counters)
            throws IOException {
        return open(worker, pool, drops, counters, PacketPool.ROOM);
    }

    NativeUnderlay open(int worker, PacketPool pool, DropCounters drops, int bufferBytes) throws IOException {
        return open(worker, pool, drops, counters(), bufferBytes);
    }

    private VtepCounters counters() {
        return new VtepCounters(vteps.slots());
    }

    private NativeUnderlay open(int worker, PacketPool pool, DropCounters drops, VtepCounters counters, int bufferBytes)
            throws IOException {
        Sockets sockets = sockets(worker, settings.gro() && check.gro().passed());
        SourcePorts ports = sockets.ports;
        Merging merging = new Merging(sockets.receiver, drops, gro(sockets.gro));
        Receiver receiver = new Receiver(sockets.receiver, vteps, pool, drops, counters, merging, bufferBytes);
        ports.receiveErrors();
        Segmentation segmentation = new Segmentation(gso(ports.socket(0)), vteps.slots());
        SendErrors errors = new SendErrors(vteps, settings.local(), drops, counters);
        Sender sender = new Sender(vteps, drops, ports, segmentation, errors, counters);
        return new NativeUnderlay(receiver, sender, counters, sockets.receiveBufferBytes);
    }

    /**
     * Opens one worker's end through Netty's datagram channels: the reference, to compare with. As {@link #open}; the
     * worker must {@linkplain NettyUnderlay#register register} it.
     */
    public NettyUnderlay openNetty(int worker, PacketPool pool, DropCounters drops) throws IOException {
        return openNetty(worker, pool, drops, counters());
    }

    /** As {@link #openNetty(int, PacketPool, DropCounters)}, but continues to count in {@code counters}. */
    public NettyUnderlay openNetty(int worker, PacketPool pool, DropCounters drops, VtepCounters counters)
            throws IOException {
        if (!Epoll.isAvailable()) {
            throw new IOException(
                    "Netty's epoll transport is not available here (mode: netty)", Epoll.unavailabilityCause());
        }
        Sockets sockets = sockets(worker, false);
        NettyReceiver receiver = new NettyReceiver(sockets.receiver, vteps, pool, drops, counters);
        SendErrors errors = new SendErrors(vteps, settings.local(), drops, counters);
        NettySender sender = new NettySender(sockets.ports, vteps, drops, errors, counters);
        return new NettyUnderlay(receiver, sender, counters, sockets.receiveBufferBytes);
    }

    /** The sockets of one worker, bound. */
    private record Sockets(UdpSocket receiver, SourcePorts ports, boolean gro, int receiveBufferBytes) {}

    private Sockets sockets(int worker, boolean wantsGro) throws IOException {
        UdpSocket socket = UdpSocket.open(SourcePorts.family(settings));
        try {
            int receiveBufferBytes = configure(socket);
            boolean gro = wantsGro && socket.gro(true);
            bind(socket, worker);
            SendRoom room = SendRoom.of(SourcePorts.family(settings));
            SourcePorts ports =
                    SourcePorts.open(new SourcePorts.Share(settings, worker, workers, room), vteps.capacity());
            ports.makeRoom(vteps.size());
            return new Sockets(socket, ports, gro, receiveBufferBytes);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void bind(UdpSocket socket, int worker) throws LinuxException {
        Redirect to = redirect;
        if (to == null) {
            socket.bind(settings.local(), settings.port());
            return;
        }
        socket.dropAllBut(settings.port()); // others could send to the free port, past firewalls and programs
        socket.bind(settings.local(), worker == 0 ? 0 : receiverPort);
        receiverPort = socket.localPort();
        to.to(receiverPort);
    }

    /** From now on receivers are bound to a free port, and datagrams are redirected to them. Worker 0 opens first. */
    public void redirected(Redirect to) {
        redirect = to;
    }

    /**
     * Tests whether the interface and the address can be used now, in the calling thread's network namespace.
     *
     * @throws LinuxException when not: {@code EADDRNOTAVAIL} for an address that is missing or tentative, {@code
     *     ENODEV} for an interface that is missing
     */
    public void tryAddress() throws LinuxException {
        try (UdpSocket socket = UdpSocket.open(SourcePorts.family(settings))) {
            if (settings.device() != null) {
                socket.bindToDevice(settings.device());
            }
            socket.dropAll();
            socket.tryBind(settings.local(), 0);
        }
    }

    /**
     * The MTU of the path to a remote VTEP, as the kernel knows it now, in bytes of outer IP packet; in the calling
     * thread's network namespace.
     */
    public int pathMtu(RemoteVtep vtep) throws LinuxException {
        try (UdpSocket socket = UdpSocket.open(SourcePorts.family(settings))) {
            if (settings.device() != null) {
                socket.bindToDevice(settings.device());
            }
            socket.dropAll();
            socket.bind(settings.local(), 0);
            return socket.pathMtu(vtep.destination());
        }
    }

    /** Sets what does not depend on binding, and returns the size of the receive queue in bytes. */
    private int configure(UdpSocket socket) throws LinuxException {
        socket.ipv6Only(true);
        if (workers > 1) {
            socket.reusePort(true);
        }
        if (settings.device() != null) {
            socket.bindToDevice(settings.device());
        }
        socket.receiveTos(true);
        socket.receiveTtl(true);
        // Not SO_RXQ_OVFL, which reports losses with each datagram: where a TCP sender's own sk_buff reaches this
        // socket (a VXLAN device on the same kernel, over veth), a kernel with hardened usercopy kills the receiving
        // thread.
        socket.acceptZeroChecksum(true); // RFC 7348 section 5: a datagram without a checksum must be accepted
        return socket.receiveBuffer(settings.receiveBufferBytes());
    }

    private Offload gro(boolean enabled) {
        if (enabled) {
            return new Offload("gro", true, "UDP_GRO, " + check.gro().text());
        }
        if (!settings.gro()) {
            return new Offload("gro", false, "configured off");
        }
        return new Offload(
                "gro",
                false,
                check.gro().passed()
                        ? "this kernel has no UDP_GRO"
                        : check.gro().text());
    }

    private Offload gso(UdpSocket socket) {
        if (!settings.gso()) {
            return new Offload("gso", false, "configured off");
        }
        if (!settings.checksum()) {
            String key = socket.isIpv6() ? "checksum6" : "checksum";
            return new Offload("gso", false, "Linux refuses UDP_SEGMENT without a UDP checksum (" + key + ": off)");
        }
        if (!socket.supportsSegmentation()) {
            return new Offload("gso", false, "this kernel has no UDP_SEGMENT");
        }
        boolean passed = check.gso().passed();
        return new Offload(
                "gso", passed, (passed ? "UDP_SEGMENT, " : "") + check.gso().text());
    }

    /** Releases the port; the owners close the workers' ends. */
    @Override
    public void close() {
        lock.close();
    }
}
