package dev.peregrine.dataplane.device;

import dev.peregrine.dataplane.packet.Ports;
import java.util.Arrays;
import java.util.List;

/**
 * How long frames may be on each way out of the bridge: an immutable snapshot, but for the MTUs of local ports, which
 * are read from them. MTUs are bytes behind the Ethernet header and VLAN tags.
 */
public final class PathMtus {
    /** The MTU of a way that nothing is known about. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Nothing is known. */
    static final PathMtus UNKNOWN = new PathMtus(new Port[0], new int[0], new boolean[0], new int[0]);

    private final Port[] ports;
    private final int[] segments;
    private final boolean[] clampsMss;
    private final int[] tunnels;

    private PathMtus(Port[] ports, int[] segments, boolean[] clampsMss, int[] tunnels) {
        this.ports = ports;
        this.segments = segments;
        this.clampsMss = clampsMss;
        this.tunnels = tunnels;
    }

    /** Knows the local ports, listed in the order of their numbers. */
    public static PathMtus of(List<Port> ports) {
        return new PathMtus(ports.toArray(Port[]::new), new int[0], new boolean[0], new int[0]);
    }

    /**
     * Knows a segment, too.
     *
     * @param mtu of its tunnels
     * @param clampMss whether TCP connections are told to send segments that fit
     */
    public PathMtus segment(int segment, int mtu, boolean clampMss) {
        int length = Math.max(segments.length, segment + 1);
        boolean[] clamps = Arrays.copyOf(clampsMss, length);
        clamps[segment] = clampMss;
        return new PathMtus(ports, with(segments, segment, mtu), clamps, tunnels);
    }

    /** Knows that the path to a remote VTEP, the tunnel port's, carries only so much, whatever the segment. */
    public PathMtus tunnel(int port, int mtu) {
        return new PathMtus(ports, segments, clampsMss, with(tunnels, Ports.tunnelIndex(port), mtu));
    }

    private static int[] with(int[] mtus, int index, int mtu) {
        int[] changed = Arrays.copyOf(mtus, Math.max(mtus.length, index + 1));
        Arrays.fill(changed, mtus.length, changed.length, UNLIMITED);
        changed[index] = mtu;
        return changed;
    }

    /** The MTU of the path to a remote VTEP, as far as is known; {@link #UNLIMITED} when nothing is. */
    public int tunnel(int port) {
        int index = Ports.tunnelIndex(port);
        return index < tunnels.length ? tunnels[index] : UNLIMITED;
    }

    /** The largest MTU that any segment's tunnels have; a path that carries as much is no limit. */
    public int widest() {
        int widest = 0;
        for (int mtu : segments) {
            widest = Math.max(widest, mtu);
        }
        return widest;
    }

    /** The bytes that a frame of a segment may have when it leaves by a port. */
    int to(int segment, int port) {
        if (Ports.isTunnel(port)) {
            return Math.min(segment < segments.length ? segments[segment] : UNLIMITED, tunnel(port));
        }
        return port < ports.length ? ports[port].mtu() : UNLIMITED;
    }

    /** Whether a segment's TCP connections are told to send segments that fit. */
    boolean clampsMss(int segment) {
        return segment < clampsMss.length && clampsMss[segment];
    }
}
