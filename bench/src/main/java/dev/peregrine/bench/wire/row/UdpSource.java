package dev.peregrine.bench.wire.row;

import dev.peregrine.bench.wire.lab.Pause;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.CpuAffinity;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a {@link Load} from a host, on a thread of its own. Open loop: packets that the receiver cannot take are lost.
 * The kernel makes datagrams of {@code UDP_SEGMENT} sends, as an overlay's sender does for its container's; each flow
 * has an outer source port of its own.
 */
final class UdpSource implements AutoCloseable {
    /** Below the ports that the kernel assigns, so that no other socket has them. */
    private static final int FIRST_PORT = 22_000;

    private static final int SEND_BUFFER_BYTES = 8 << 20;
    /** The most bytes that UDP over IPv4 can send at once. */
    private static final int MAX_BYTES = 65_507;
    /** The most segments of one {@code UDP_SEGMENT} send. */
    private static final int TRAIN = 64;
    /** At a fixed rate, short enough not to be the only traffic of a millisecond. */
    private static final int PACED_TRAIN = 16;

    private final Load load;
    private final Arena arena = Arena.ofShared();
    private final UdpSocket[] sockets;
    private final Burst[] bursts;
    private final SendVector vector;
    private final int burstPackets;
    private final int cpu;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long packets;
    private volatile long refused;

    private UdpSource(Load load, UdpSocket[] sockets, UdpAddress to, boolean encapsulated, int cpu) {
        this.load = load;
        this.sockets = sockets;
        this.cpu = cpu;
        bursts = new Burst[sockets.length];
        vector = new SendVector(sockets.length, 1);
        int train = (load.isPaced() ? PACED_TRAIN : TRAIN) / load.flows();
        burstPackets =
                Math.clamp(train, 1, MAX_BYTES / new Burst(arena, encapsulated, 1, load.payloadBytes(), 0).size());
        for (int flow = 0; flow < bursts.length; flow++) {
            Burst burst = new Burst(arena, encapsulated, burstPackets, load.payloadBytes(), flow);
            bursts[flow] = burst;
            vector.begin(flow, to);
            vector.append(flow, burst.memory().address(), (int) burst.memory().byteSize());
            vector.control(flow, -1, -1, burstPackets > 1 ? burst.size() : 0);
        }
        thread = Thread.ofPlatform().name("udp source").daemon().start(this::run);
    }

    /**
     * Opens the sockets in a network namespace, and begins to send.
     *
     * @param encapsulated whether the datagrams carry VXLAN, else just the payload
     * @param cpu the core that the sending thread is pinned to
     */
    static UdpSource start(
            NetNamespace namespace, InetAddress from, UdpAddress to, boolean encapsulated, Load load, int cpu)
            throws LinuxException {
        UdpSocket[] sockets = new UdpSocket[load.flows()];
        try {
            for (int flow = 0; flow < sockets.length; flow++) {
                sockets[flow] = namespace.call(() -> UdpSocket.open(StandardProtocolFamily.INET));
                sockets[flow].bind(from, FIRST_PORT + flow);
                sockets[flow].sendBuffer(SEND_BUFFER_BYTES);
                sockets[flow].dropAll();
            }
        } catch (LinuxException failure) {
            close(sockets);
            throw failure;
        }
        return new UdpSource(load, sockets, to, encapsulated, cpu);
    }

    private void run() {
        try {
            CpuAffinity.pin(cpu);
        } catch (LinuxException failure) {
            throw new UncheckedIOException(failure);
        }
        long start = System.nanoTime();
        long sent = 0;
        long sendsRefused = 0;
        int flow = 0;
        while (!stopped) {
            if (load.isPaced()) {
                sleepUntil(start + sent * 1_000_000_000L / load.packetsPerSecond());
            }
            bursts[flow].advance();
            int result = vector.send(sockets[flow], flow, 1);
            if (result > 0) {
                sent += burstPackets;
                packets = sent;
            } else if (result != -Errno.EAGAIN && result != -Errno.EINTR && result != -Errno.ENOBUFS) {
                throw new IllegalStateException("sendmmsg: " + Errno.name(result));
            } else {
                refused = ++sendsRefused;
            }
            flow = (flow + 1) % bursts.length;
        }
    }

    private static void sleepUntil(long nanos) {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            LockSupport.parkNanos(left);
        }
    }

    /** Packets that the kernel has taken since the beginning. */
    long packets() {
        return packets;
    }

    /**
     * Sends that the kernel did not take since the beginning, for lack of room in the socket's send buffer or in a
     * queue. Their packets are sent again, not lost.
     */
    long refused() {
        return refused;
    }

    /** The cost of sending: CPU time of its thread since the beginning, in the kernel too. */
    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    @Override
    public void close() {
        stopped = true;
        Pause.join(thread);
        vector.close();
        arena.close();
        close(sockets);
    }

    private static void close(UdpSocket[] sockets) {
        for (UdpSocket socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
    }
}
