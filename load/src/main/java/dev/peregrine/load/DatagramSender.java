package dev.peregrine.load;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpAddress;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Gathers datagrams into messages and sends the messages to one address. With segmentation offload, consecutive
 * datagrams of one flow that are equally long, and a shorter one behind them, share a message ({@code UDP_SEGMENT}).
 *
 * <p>Flow {@code n} leaves by socket {@code n} modulo the number of sockets. Allocates nothing after construction. One
 * thread at a time.
 */
public final class DatagramSender implements AutoCloseable {
    /** The longest UDP payload over IPv4, which bounds a message too. */
    public static final int MAX_LENGTH = 65_507;

    /** The longest message that Linux cuts, in datagrams. */
    public static final int MAX_SEGMENTS = 64;

    private static final int MESSAGES = 16;
    private static final int REGION = 64 << 10;
    private static final long FULL_NANOS = 20_000;

    private final UdpAddress to;
    private final UdpSocket[] sockets;
    private final boolean gso;
    private final BooleanSupplier stop;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate((long) MESSAGES * REGION, 4096);
    private final SendVector vector = new SendVector(MESSAGES, 1);
    private final int[] flows = new int[MESSAGES];
    private final int[] lengths = new int[MESSAGES];
    private final int[] segmentSizes = new int[MESSAGES];
    private final int[] segments = new int[MESSAGES];
    /** Index of the message under construction; -1 before the first. */
    private int last = -1;

    private long datagrams;
    private long bytes;
    private long calls;

    /**
     * A sender over the caller's sockets, all of the family of {@code to}.
     *
     * @param gso whether several datagrams may share a message
     * @param stop ends the wait for room in a socket's buffer
     */
    public DatagramSender(UdpAddress to, UdpSocket[] sockets, boolean gso, BooleanSupplier stop) {
        this.to = to;
        this.sockets = sockets;
        this.gso = gso;
        this.stop = stop;
    }

    /** Where the datagrams are written: {@link #place} gives positions in it. */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Makes room for the next datagram; sends the queued ones first if needed.
     *
     * @param length bytes, at most {@link #MAX_LENGTH}
     * @return the position at which the caller writes it before any other call
     */
    public long place(int flow, int length) throws IOException {
        if (last < 0 || !continues(flow, length)) {
            if (last + 1 == MESSAGES) flush();
            last++;
            flows[last] = flow;
            segmentSizes[last] = length;
            lengths[last] = 0;
            segments[last] = 0;
        }
        long position = (long) last * REGION + lengths[last];
        lengths[last] += length;
        segments[last]++;
        return position;
    }

    private boolean continues(int flow, int length) {
        return gso
                && flows[last] == flow
                && length <= segmentSizes[last]
                && segments[last] < MAX_SEGMENTS
                && lengths[last] == segments[last] * segmentSizes[last] // a shorter one closes the message
                && lengths[last] + length <= MAX_LENGTH;
    }

    /** Sends all datagrams placed so far; waits where a socket's buffer is full, until the signal to stop. */
    public void flush() throws IOException {
        int count = last + 1;
        last = -1;
        for (int i = 0; i < count; i++) {
            vector.begin(i, to);
            vector.append(i, memory.address() + (long) i * REGION, lengths[i]);
            if (segments[i] > 1) vector.control(i, -1, -1, segmentSizes[i]);
        }
        for (int first = 0; first < count; ) {
            int end = first + 1;
            while (end < count && socket(end) == socket(first)) end++;
            if (!send(first, end)) return;
            first = end;
        }
    }

    private UdpSocket socket(int message) {
        return sockets[flows[message] % sockets.length];
    }

    private boolean send(int first, int end) throws IOException {
        UdpSocket socket = socket(first);
        for (int next = first; next < end; ) {
            int sent = vector.send(socket, next, end - next);
            calls++;
            if (sent == -Errno.EAGAIN || sent == -Errno.ENOBUFS) {
                if (stop.getAsBoolean()) return false;
                LockSupport.parkNanos(FULL_NANOS);
            } else if (sent < 0 && sent != -Errno.EINTR) {
                throw refused(next, -sent);
            }
            for (int i = 0; i < sent; i++, next++) {
                datagrams += segments[next];
                bytes += lengths[next];
            }
        }
        return true;
    }

    private IOException refused(int message, int errno) {
        int size = segmentSizes[message];
        boolean cut = segments[message] > 1;
        String advice;
        if (errno == Errno.EMSGSIZE || (errno == Errno.EINVAL && cut)) {
            advice = "a UDP payload of " + size
                    + " bytes does not fit the path's MTU: choose a smaller size, or raise it";
        } else if (errno == Errno.EIO && cut) {
            advice = "this path takes no UDP_SEGMENT: turn GSO off";
        } else if (errno == Errno.ENETUNREACH || errno == Errno.EHOSTUNREACH) {
            advice = "there is no route to it from this network namespace (ip route get)";
        } else {
            advice = "see the manual page of the call";
        }
        return new IOException("sendmmsg(%s): %s (%s): %s".formatted(to, Errno.name(errno), Errno.text(errno), advice));
    }

    /** Datagrams that the kernel has taken. */
    public long datagrams() {
        return datagrams;
    }

    /** UDP payload bytes of {@link #datagrams}. */
    public long bytes() {
        return bytes;
    }

    /** System calls made to send. */
    public long calls() {
        return calls;
    }

    /** Frees the native memory and closes the sockets. */
    @Override
    public void close() {
        vector.close();
        arena.close();
        for (UdpSocket socket : sockets) socket.close();
    }
}
