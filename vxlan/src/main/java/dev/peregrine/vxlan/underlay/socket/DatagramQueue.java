package dev.peregrine.vxlan.underlay.socket;

import dev.peregrine.dataplane.linux.socket.SendVector;
import dev.peregrine.dataplane.linux.socket.UdpSocket;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.packet.Batch;
import dev.peregrine.dataplane.packet.Packet;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.underlay.SendErrors;
import dev.peregrine.vxlan.underlay.SourcePorts;
import dev.peregrine.vxlan.underlay.VtepCounters;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams on their way to {@code sendmmsg}, in order. With GSO, adjacent datagrams to one VTEP with equal outer
 * fields and equal lengths (the last may be shorter) travel as one {@code UDP_SEGMENT} message. Datagrams of different
 * networks never share a message, since a receiver that gets them merged may drop them. If the kernel refuses a
 * message, its datagrams are sent one by one; if that works, {@link Segmentation} turns messages off for a while.
 *
 * <p>A send also fails with an ICMP error that an earlier datagram of the socket provoked, to any VTEP; it must then be
 * repeated. {@link SendErrors} says which datagram caused the error.
 *
 * <p>The queue holds addresses of memory that the caller must keep until {@link #flush}.
 */
final class DatagramQueue implements AutoCloseable {
    /**
     * The most segments that {@code UDP_SEGMENT} takes in one message: see {@code UDP_MAX_SEGMENTS} of older kernels.
     */
    static final int MAX_SEGMENTS = 64;

    /** The longest UDP payload over IPv4. */
    private static final int MAX_BYTES = 65_507;

    private static final int CAPACITY = 512;
    private static final int MESSAGES = 64;
    private static final int PIECES = 2;

    /** The number of times in a batch that a full socket is tried again. */
    private static final int PATIENCE = 32;

    /** The number of times that a message is sent again when its error may be another message's. */
    private static final int ATTEMPTS = 8;

    private final Segmentation segmentation;
    private final SendErrors errors;
    private final VtepCounters counters;
    private final SendVector vector = new SendVector(MESSAGES, PIECES * MAX_SEGMENTS);
    private final int[] messageEnds = new int[MESSAGES];

    private final @Nullable RemoteVtep[] vteps = new RemoteVtep[CAPACITY];
    private final int[] tos = new int[CAPACITY];
    private final int[] ttl = new int[CAPACITY];
    private final int[] networks = new int[CAPACITY];

    /** Where in the batch the packet is that a datagram is of. */
    private final int[] packets = new int[CAPACITY];

    private final long[] headAddresses = new long[CAPACITY];
    private final int[] headLengths = new int[CAPACITY];
    private final long[] bodyAddresses = new long[CAPACITY];
    private final int[] bodyLengths = new int[CAPACITY];
    private int size;
    private int patience;
    private int attempts;
    private long lost;
    private Batch batch = new Batch();

    private UdpSocket socket;
    private int number;

    /** By number of socket: whether it stayed full as long as a batch waits, and has taken nothing since. */
    private final boolean[] stuck = new boolean[SourcePorts.MOST];

    DatagramQueue(UdpSocket socket, Segmentation segmentation, SendErrors errors, VtepCounters counters) {
        this.socket = socket;
        this.segmentation = segmentation;
        this.errors = errors;
        this.counters = counters;
    }

    /** Begins a batch, whose packets stay until it has been flushed. */
    void begin(Batch next) {
        batch = next;
        patience = PATIENCE;
    }

    /**
     * Sends the following datagrams by {@code socket}, whose number is below {@link SourcePorts#MOST}; the queue must
     * be empty.
     */
    void use(UdpSocket socket, int number) {
        assert size == 0 : "datagrams for another socket";
        this.socket = socket;
        this.number = number;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    /**
     * Adds a datagram of the packet at an index of the batch. It consists of one piece of memory or, with {@code
     * bodyLength} above 0, of two.
     */
    void add(RemoteVtep vtep, int index, long head, int headLength, long body, int bodyLength) {
        Packet packet = batch.packet(index);
        packets[size] = index;
        vteps[size] = vtep;
        tos[size] = packet.outerTos();
        ttl[size] = packet.outerTtl() == 0 ? -1 : packet.outerTtl();
        networks[size] = packet.segment();
        headAddresses[size] = head;
        headLengths[size] = headLength;
        bodyAddresses[size] = body;
        bodyLengths[size] = bodyLength;
        size++;
    }

    /** Empties the queue without sending; the packets are their owner's again. */
    void clear() {
        size = 0;
    }

    /** Sends the queued datagrams; those that the kernel does not take are dropped and counted. */
    void flush() {
        int at = 0;
        attempts = ATTEMPTS;
        while (at < size) {
            at = send(at, size, true);
        }
        size = 0;
    }

    /**
     * Sends datagrams from {@code from} on, before {@code to}, and returns the first that has been neither sent nor
     * dropped.
     */
    private int send(int from, int to, boolean merge) {
        int messages = 0;
        for (int at = from; at < to && messages < MESSAGES; messages++) {
            int end = merge && segmentation.merges(vtep(at)) ? runEnd(at, to) : at + 1;
            build(messages, at, end);
            messageEnds[messages] = end;
            at = end;
        }
        int sent = vector.send(socket, 0, messages);
        if (sent > 0) {
            stuck[number] = false;
            attempts = ATTEMPTS;
            int end = messageEnds[sent - 1];
            count(from, end);
            return end;
        }
        return fail(-sent, from, messageEnds[0]);
    }

    /** The end of the run of datagrams from {@code at} that form one message. */
    private int runEnd(int at, int to) {
        int length = length(at);
        int limit = Math.min(to, at + Math.min(MAX_SEGMENTS, Math.max(1, MAX_BYTES / length)));
        int end = at + 1;
        while (end < limit && isAlike(at, end)) {
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

    private boolean isAlike(int first, int next) {
        return vteps[next] == vteps[first]
                && tos[next] == tos[first]
                && ttl[next] == ttl[first]
                && networks[next] == networks[first];
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
            segmentation.passed(vtep(i));
        }
    }

    // ---- failures ---------------------------------------------------------------------------------------------

    /** Handles a refused message and returns the first datagram that is still to be sent. */
    private int fail(int errno, int from, int to) {
        if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
            return waitALittle() ? from : lose(errno, from, to);
        }
        if (errno == Errno.ENOBUFS) {
            return queueFull(from, to);
        }
        if (isAnothers(errno)) {
            return from;
        }
        if (to - from > 1 && mayPassOneByOne(errno)) {
            return sendOneByOne(errno, from, to);
        }
        return lose(errno, from, to);
    }

    /**
     * Yields the CPU, on which the device may then send. Returns false when this batch has waited long enough, or the
     * last batch had, for this socket.
     */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: the number of attempts is bounded
    private boolean waitALittle() {
        if (patience == 0 || stuck[number]) {
            stuck[number] = true;
            return false;
        }
        patience--;
        Thread.yield();
        return true;
    }

    /**
     * Drops a message that the device's queue has no room for, and the equal ones that follow at once: it would refuse
     * each. No datagram is sent again singly, since a part may have passed where the kernel cuts messages before the
     * device.
     */
    private int queueFull(int from, int to) {
        if (to - from > 1) {
            segmentation.queueFull(vtep(from));
        }
        return lose(Errno.ENOBUFS, from, Math.max(to, runEnd(from, size)));
    }

    /**
     * Whether the error may be that of an earlier datagram, so that the message must be sent again. The error queue
     * says so. The first time, the answer is also yes if the queue is empty, since some errors find no place in it.
     */
    private boolean isAnothers(int errno) {
        boolean isFirst = attempts == ATTEMPTS;
        attempts--;
        boolean isIcmp = errors.take(socket);
        return isIcmp ? attempts > 0 : isFirst && errno != Errno.EMSGSIZE;
    }

    /**
     * If a message is over the MTU (EMSGSIZE, in some kernels EINVAL), the last datagram may still fit; without DF all
     * are fragmented.
     */
    private static boolean mayPassOneByOne(int errno) {
        return errno == Errno.EIO || errno == Errno.EINVAL || errno == Errno.EMSGSIZE;
    }

    private int sendOneByOne(int errno, int from, int to) {
        long before = lost;
        int at = from;
        attempts = ATTEMPTS;
        while (at < to) {
            at = send(at, to, false);
        }
        if (lost == before) {
            segmentation.failed(vtep(from), errno);
        }
        return at;
    }

    private int lose(int errno, int from, int to) {
        attempts = ATTEMPTS;
        lost += to - from;
        errors.refused(errno, vtep(from), to - from);
        for (int i = from; i < to; i++) {
            if (i == from || packets[i] != packets[i - 1]) {
                errors.show(errno, batch.packet(packets[i]));
            }
        }
        return to;
    }

    @Override
    public void close() {
        vector.close();
        errors.close();
    }
}
