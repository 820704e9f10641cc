package dev.peregrine.dataplane.device.fdb;

import dev.peregrine.dataplane.packet.Ports;
import java.util.Arrays;

/**
 * For each local port of an {@link Fdb}: the number of dynamic and sticky entries that lead to it, its limit, and
 * whether it is down. One writer.
 */
final class FdbPorts {
    private int[] entries = new int[0];
    private int[] limits = new int[0];
    private long[] refusals = new long[0];
    private boolean[] down = new boolean[0];

    void limit(int port, int limit) {
        grow(port);
        limits[port] = limit;
    }

    /** Whether learning may place no further entry behind a port; tunnel ports have no limit of their own. */
    boolean isFull(int port) {
        return !Ports.isTunnel(port) && port < limits.length && entries[port] >= limits[port];
    }

    void refused(int port) {
        if (!Ports.isTunnel(port)) {
            grow(port);
            refusals[port]++;
        }
    }

    int entries(int port) {
        return port < entries.length ? entries[port] : 0;
    }

    long refusals(int port) {
        return port < refusals.length ? refusals[port] : 0;
    }

    void count(int port, int change) {
        if (!Ports.isTunnel(port)) {
            grow(port);
            entries[port] += change;
        }
    }

    /** Whether dynamic or sticky entries lead to a port that is not a tunnel. */
    boolean hasEntries(int port) {
        return port < entries.length && entries[port] > 0;
    }

    void down(int port, boolean isDown) {
        grow(port);
        down[port] = isDown;
    }

    /** Sets a port without entries back to what it was before it was known. */
    void forget(int port) {
        grow(port);
        limits[port] = Integer.MAX_VALUE;
        refusals[port] = 0;
        down[port] = false;
    }

    boolean isDown(int port) {
        return !Ports.isTunnel(port) && port < down.length && down[port];
    }

    private void grow(int port) {
        int before = limits.length;
        if (port >= before) {
            entries = Arrays.copyOf(entries, port + 1);
            limits = Arrays.copyOf(limits, port + 1);
            refusals = Arrays.copyOf(refusals, port + 1);
            down = Arrays.copyOf(down, port + 1);
            Arrays.fill(limits, before, limits.length, Integer.MAX_VALUE);
        }
    }
}
