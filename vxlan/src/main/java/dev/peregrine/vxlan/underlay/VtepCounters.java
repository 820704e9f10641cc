package dev.peregrine.vxlan.underlay;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Datagrams and bytes from and to each remote VTEP, by its index, as one worker counted them, and failures; bytes are
 * UDP payload. One writing thread; any thread may read, and sees values that are at most a little old.
 */
public final class VtepCounters {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int RX_DATAGRAMS = 0;
    private static final int RX_BYTES = 1;
    private static final int TX_DATAGRAMS = 2;
    private static final int TX_BYTES = 3;
    private static final int FAILED_DATAGRAMS = 4;
    private static final int LAST_ERRNO = 5;
    private static final int UNREACHABLE = 6;
    private static final int ERRNOS = 7;
    private static final int ERRNO_WORDS = 3;
    private static final int WIDTH = ERRNOS + ERRNO_WORDS;

    private final long[] counts;

    /** Counts for VTEPs 0 to {@code vteps} - 1, all 0. */
    public VtepCounters(int vteps) {
        counts = new long[vteps * WIDTH];
    }

    /** Counts datagrams that came from a VTEP, with their bytes. */
    public void received(int vtep, int datagrams, long bytes) {
        add(vtep * WIDTH + RX_DATAGRAMS, datagrams);
        add(vtep * WIDTH + RX_BYTES, bytes);
    }

    /** Counts datagrams that were sent to a VTEP, with their bytes. */
    public void sent(int vtep, int datagrams, long bytes) {
        add(vtep * WIDTH + TX_DATAGRAMS, datagrams);
        add(vtep * WIDTH + TX_BYTES, bytes);
    }

    void failed(int vtep, int errno, int datagrams) {
        int base = vtep * WIDTH;
        int kind = base + ERRNOS + Math.min(errno / Long.SIZE, ERRNO_WORDS - 1);
        COUNT.setOpaque(counts, kind, counts[kind] | 1L << errno);
        COUNT.setOpaque(counts, base + LAST_ERRNO, (long) errno);
        add(base + FAILED_DATAGRAMS, datagrams);
    }

    void unreachable(int vtep, int errno) {
        add(vtep * WIDTH + UNREACHABLE, 1);
        failed(vtep, errno, 1);
    }

    private void add(int index, long more) {
        COUNT.setOpaque(counts, index, counts[index] + more);
    }

    private long count(int vtep, int which) {
        return (long) COUNT.getOpaque(counts, vtep * WIDTH + which);
    }

    /** Datagrams received from a VTEP; a superframe that the kernel handed over as one datagram is one. */
    public long receivedDatagrams(int vtep) {
        return count(vtep, RX_DATAGRAMS);
    }

    /** Bytes received from a VTEP. */
    public long receivedBytes(int vtep) {
        return count(vtep, RX_BYTES);
    }

    /** Datagrams sent to a VTEP. */
    public long sentDatagrams(int vtep) {
        return count(vtep, TX_DATAGRAMS);
    }

    /** Bytes sent to a VTEP. */
    public long sentBytes(int vtep) {
        return count(vtep, TX_BYTES);
    }

    /**
     * Datagrams to a VTEP that the kernel did not take, and ICMP errors about others that it had taken; written after
     * the values of {@link #lastErrno} and {@link #hasFailedWith}.
     */
    public long failedDatagrams(int vtep) {
        return count(vtep, FAILED_DATAGRAMS);
    }

    /** Those of them that ICMP errors, or the lack of a neighbour, reported. */
    public long unreachableDatagrams(int vtep) {
        return count(vtep, UNREACHABLE);
    }

    /** The errno of the last failure; 0 before the first. */
    public int lastErrno(int vtep) {
        return (int) count(vtep, LAST_ERRNO);
    }

    /** Whether datagrams to a VTEP have failed with an errno; {@code errno} below 192. */
    public boolean hasFailedWith(int vtep, int errno) {
        return (count(vtep, ERRNOS + errno / Long.SIZE) & 1L << errno) != 0;
    }
}
