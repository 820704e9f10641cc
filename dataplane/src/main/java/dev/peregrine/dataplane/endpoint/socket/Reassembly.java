package dev.peregrine.dataplane.endpoint.socket;

import dev.peregrine.dataplane.packet.DropCounters;
import dev.peregrine.dataplane.packet.DropReason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The datagrams of a socket port that are being put together from fragments: at most {@value #DATAGRAMS}, and {@value
 * #PER_SENDER} of one sender. One more takes the place of its sender's oldest, or of the oldest of all. A datagram that
 * is not complete in time is given up, and so is one that was spoilt, whose place until then keeps its late fragments
 * from beginning another.
 *
 * <p>All memory is allocated at construction. One thread, but for {@link #size}.
 */
final class Reassembly implements AutoCloseable {
    /** Datagrams at once. */
    static final int DATAGRAMS = 16;

    /** Datagrams at once of one source address. */
    static final int PER_SENDER = 4;

    /** Bytes of native memory. */
    static final long BYTES = (long) DATAGRAMS * PartialDatagram.CAPACITY;

    private final DropCounters drops;
    private final long timeoutNanos;
    private final Arena arena = Arena.ofShared();

    /** The first {@link #size} are in use, the oldest first. */
    private final PartialDatagram[] datagrams = new PartialDatagram[DATAGRAMS];

    private volatile int size;

    /** @param timeoutNanos from a datagram's first fragment to when it is given up */
    Reassembly(long timeoutNanos, DropCounters drops) {
        this.timeoutNanos = timeoutNanos;
        this.drops = drops;
        MemorySegment memory = arena.allocate(BYTES, Long.BYTES);
        for (int i = 0; i < DATAGRAMS; i++) {
            datagrams[i] = new PartialDatagram(memory, (long) i * PartialDatagram.CAPACITY);
        }
    }

    /** Datagrams that have begun and are not complete; any thread may ask. */
    int size() {
        return size;
    }

    /** Gives up datagrams that were not complete in time. */
    void advance(long nowNanos) {
        while (size > 0 && nowNanos - datagrams[0].beganNanos > timeoutNanos) {
            giveUp(0, DropReason.FRAG_REASM_TIMEOUT);
        }
    }

    /** The datagram of a sender with an identification; begun if nothing of it has come. */
    PartialDatagram of(long addressHigh, long addressLow, int identification, long nowNanos) {
        int known = find(addressHigh, addressLow, identification);
        return known >= 0 ? datagrams[known] : begin(addressHigh, addressLow, identification, nowNanos);
    }

    /** Frees the place of a datagram; its bytes stay until another begins. */
    void end(PartialDatagram datagram) {
        remove(find(datagram.addressHigh, datagram.addressLow, datagram.identification));
    }

    @Override
    public void close() {
        while (size > 0) {
            giveUp(0, DropReason.PORT_DOWN);
        }
        arena.close();
    }

    private int find(long addressHigh, long addressLow, int identification) {
        for (int i = 0; i < size; i++) {
            if (datagrams[i].isOf(addressHigh, addressLow, identification)) {
                return i;
            }
        }
        return -1;
    }

    private PartialDatagram begin(long addressHigh, long addressLow, int identification, long nowNanos) {
        int own = 0;
        int oldest = 0;
        for (int i = size - 1; i >= 0; i--) {
            if (datagrams[i].isFrom(addressHigh, addressLow)) {
                own++;
                oldest = i;
            }
        }
        if (own >= PER_SENDER) {
            giveUp(oldest, DropReason.FRAG_EVICTED);
        } else if (size == DATAGRAMS) {
            giveUp(0, DropReason.FRAG_EVICTED);
        }
        int last = size;
        PartialDatagram datagram = datagrams[last];
        size = last + 1;
        datagram.begin(addressHigh, addressLow, identification, nowNanos);
        return datagram;
    }

    /** Those of a spoilt datagram have been counted. */
    private void giveUp(int i, DropReason reason) {
        if (!datagrams[i].isSpoiled()) {
            drops.add(reason, datagrams[i].fragments());
        }
        remove(i);
    }

    private void remove(int i) {
        PartialDatagram freed = datagrams[i];
        int last = size - 1;
        System.arraycopy(datagrams, i + 1, datagrams, i, last - i);
        datagrams[last] = freed;
        size = last;
    }
}
