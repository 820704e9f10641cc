package dev.peregrine.vxlan.underlay;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Datagrams and bytes from and to each remote VTEP, by its index, as one worker counted them; bytes are UDP payload.
 * One writing thread; any thread may read, and sees values that are at most a little old.
 */
public final class VtepCounters {
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int RX_DATAGRAMS = 0;
    private static final int RX_BYTES = 1;
    private static final int TX_DATAGRAMS = 2;
    private static final int TX_BYTES = 3;
    private static final int WIDTH = 4;

    private final long[] counts;

    VtepCounters(int vteps) {
        counts = new long[vteps * WIDTH];
    }

    void received(int vtep, int datagrams, long bytes) {
        add(vtep * WIDTH + RX_DATAGRAMS, datagrams);
        add(vtep * WIDTH + RX_BYTES, bytes);
    }

    void sent(int vtep, int datagrams, long bytes) {
        add(vtep * WIDTH + TX_DATAGRAMS, datagrams);
        add(vtep * WIDTH + TX_BYTES, bytes);
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
}
