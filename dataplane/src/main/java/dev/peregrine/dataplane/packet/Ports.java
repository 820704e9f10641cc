package dev.peregrine.dataplane.packet;

/**
 * The numbering of ports. A port is an int: local ports count from 0, tunnel ports (one for each remote VTEP) from
 * {@link #FIRST_TUNNEL}. The bridge knows nothing else about where a port leads.
 */
public final class Ports {
    /** The lowest tunnel port. */
    public static final int FIRST_TUNNEL = 1 << 16;

    private Ports() {}

    /** Whether {@code port} is a tunnel port. */
    public static boolean isTunnel(int port) {
        return port >= FIRST_TUNNEL;
    }

    /** The tunnel port of the remote VTEP with the given index. */
    public static int tunnel(int index) {
        return FIRST_TUNNEL + index;
    }

    /** The index of the remote VTEP behind a tunnel port. */
    public static int tunnelIndex(int port) {
        return port - FIRST_TUNNEL;
    }
}
