package dev.peregrine.vxlan.underlay;

import dev.peregrine.dataplane.linux.Errno;
import dev.peregrine.dataplane.linux.SendVector;
import dev.peregrine.dataplane.linux.UdpAddress;
import dev.peregrine.dataplane.linux.UdpSocket;
import dev.peregrine.dataplane.offload.Offload;
import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import dev.peregrine.vxlan.RemoteVtep;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams on their way to {@code sendmmsg}, in order. With GSO, neighbours that go to one VTEP with equal outer
 * fields and equal lengths (the last may be shorter) travel as one {@code UDP_SEGMENT} message. Where a message is
 * refused that way, its datagrams are sent one by one; if that works, GSO is switched off for good.
 *
 * <p>Holds addresses of memory that the caller keeps until {@link #flush}.
 */
final class DatagramQueue implements AutoCloseable {
    /** What {@code UDP_SEGMENT} takes in one message: see {@code UDP_MAX_SEGMENTS} of older kernels. */
    static final int MAX_SEGMENTS = 64;

    /** The longest UDP payload over IPv4. */
    private static final int MAX_BYTES = 65_507;

    private static final int CAPACITY = 512;
    private static final int MESSAGES = 64;
    private static final int PIECES = 2;

    /** How often in a batch a full socket is asked again. */
    private static final int PATIENCE = 32;

    private final DropCounters drops;
    private final VtepCounters counters;
    private final SendVector vector = new SendVector(MESSAGES, PIECES * MAX_SEGMENTS);
    private final int[] messageEnds = new int[MESSAGES];

    private final @Nullable RemoteVtep[] vteps = new RemoteVtep[CAPACITY];
    private final int[] tos = new int[CAPACITY];
    private final int[] ttl = new int[CAPACITY];
    private final long[] headAddresses = new long[CAPACITY];
    private final int[] headLengths = new int[CAPACITY];
    private final long[] bodyAddresses = new long[CAPACITY];
    private final int[] bodyLengths = new int[CAPACITY];
    private int size;
    private int patience;

    private UdpSocket socket;
    private volatile Offload gso;
    private volatile int refusedErrno;
    private volatile @Nullable UdpAddress refusedDestination;

    DatagramQueue(UdpSocket socket, Offload gso, DropCounters drops, VtepCounters counters) {
        this.socket = socket;
        this.gso = gso;
        this.drops = drops;
        this.counters = counters;
    }

    Offload gso() {
        return gso;
    }

    /** The last datagram that the kernel refused; null when there was none. */
    @Nullable
    Refusal refusal() {
        UdpAddress destination = refusedDestination;
        return destination == null ? null : new Refusal(refusedErrno, destination);
    }

    /** Begins a batch. */
    void begin() {
        patience = PATIENCE;
    }

    /** From now on datagrams leave by {@code socket}; the queue must be empty. */
    void use(UdpSocket socket) {
        assert size == 0 : "datagrams for another socket";
        this.socket = socket;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    /** Adds a datagram that consists of one piece of memory or, with {@code bodyLength} above 0, of two. */
    void add(RemoteVtep vtep, int outerTos, int outerTtl, long head, int headLength, long body, int bodyLength) {
        vteps[size] = vtep;
        tos[size] = outerTos;
        ttl[size] = outerTtl == 0 ? -1 : outerTtl;
        headAddresses[size] = head;
        headLengths[size] = headLength;
        bodyAddresses[size] = body;
        bodyLengths[size] = bodyLength;
        size++;
    }

    /** Forgets what is queued, whose packets are their owner's again. */
    void clear() {
        size = 0;
    }

    /** Sends what is queued; what the kernel does not take is dropped and counted. */
    void flush() {
        int at = 0;
        while (at < size) {
            at = send(at, size, gso.enabled());
        }
        size = 0;
    }

    /** Sends the datagrams from {@code from} on and returns the first that is still to be sent, before or at {@code to}. */
    private int send(int from, int to, boolean merge) {
        int messages = 0;
        for (int at = from; at < to && messages < MESSAGES; messages++) {
            int end = merge ? runEnd(at, to) : at + 1;
            build(messages, at, end);
            messageEnds[messages] = end;
            at = end;
        }
        int sent = vector.send(socket, 0, messages);
        if (sent > 0) {
            int end = messageEnds[sent - 1];
            count(from, end);
            return end;
        }
        return fail(-sent, from, messageEnds[0]);
    }

    /** The end of the run of datagrams from {@code at} that make one message. */
    private int runEnd(int at, int to) {
        int length = length(at);
        int limit = Math.min(to, at + Math.min(MAX_SEGMENTS, Math.max(1, MAX_BYTES / length)));
        int end = at + 1;
        while (end < limit && vteps[end] == vteps[at] && tos[end] == tos[at] && ttl[end] == ttl[at]) {
            int next = length(end);
            if (next > length) {
                return end;
            }
            end++;
            if (next < length) {
                return end;
            }
        }
        return end;
    }

    private int length(int datagram) {
        return headLengths[datagram] + bodyLengths[datagram];
    }

    private RemoteVtep vtep(int datagram) {
        RemoteVtep vtep = vteps[datagram];
        assert vtep != null : "no datagram";
        return vtep;
    }

    private void build(int message, int from, int to) {
        vector.begin(message, vtep(from).destination());
        vector.control(message, tos[from], ttl[from], to - from > 1 ? length(from) : 0);
        for (int i = from; i < to; i++) {
            vector.append(message, headAddresses[i], headLengths[i]);
            if (bodyLengths[i] > 0) {
                vector.append(message, bodyAddresses[i], bodyLengths[i]);
            }
        }
    }

    private void count(int from, int to) {
        for (int i = from; i < to; i++) {
            counters.sent(vtep(i).index(), 1, length(i));
        }
    }

    /** Deals with a refused message and returns the first datagram that is still to be sent. */
    private int fail(int errno, int from, int to) {
        if (errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.EINTR) {
            if (waitALittle()) {
                return from;
            }
            drops.add(DropReason.UNDERLAY_FULL, to - from);
        } else if (to - from > 1 && mayPassOneByOne(errno)) {
            sendOneByOne(errno, from, to);
        } else {
            refuse(errno, vtep(from), to - from);
        }
        return to;
    }

    /** Lets the device send, on this CPU perhaps; false when this batch has waited long enough. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: the number of attempts is bounded
    private boolean waitALittle() {
        if (patience == 0) {
            return false;
        }
        patience--;
        Thread.yield();
        return true;
    }

    /** Over the MTU (EMSGSIZE, by some kernels EINVAL) the last datagram may fit, and without DF all are fragmented. */
    private static boolean mayPassOneByOne(int errno) {
        return errno == Errno.EIO || errno == Errno.EINVAL || errno == Errno.EMSGSIZE;
    }

    private void sendOneByOne(int errno, int from, int to) {
        long before = drops.count(DropReason.UNDERLAY_REFUSED);
        int at = from;
        while (at < to) {
            at = send(at, to, false);
        }
        boolean passed = drops.count(DropReason.UNDERLAY_REFUSED) == before;
        if (passed && errno != Errno.EMSGSIZE) {
            gso = new Offload(
                    "gso",
                    false,
                    "sendmmsg with UDP_SEGMENT failed with " + Errno.name(errno) + ", without it the same was sent");
        }
    }

    /** Counts datagrams that the kernel does not take, and remembers why. */
    void refuse(int errno, RemoteVtep vtep, int datagrams) {
        drops.add(DropReason.UNDERLAY_REFUSED, datagrams);
        if (errno == Errno.EMSGSIZE) {
            vtep.refuseTooLong();
        }
        refusedErrno = errno;
        refusedDestination = vtep.destination();
    }

    @Override
    public void close() {
        vector.close();
    }
}
