package dev.peregrine.dataplane.device.port;

import dev.peregrine.dataplane.packet.Ports;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The longest frames on each exit of the bridge: an immutable snapshot, except for the MTUs of local ports, which are
 * read from the ports. MTUs are bytes behind the Ethernet header and VLAN tags.
 */
public final class PathMtus {
    /** The MTU of an exit without a known limit. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Nothing is known. */
    public static final PathMtus UNKNOWN = new PathMtus(new Port[0], new int[0], new boolean[0], new int[0]);

    private final @Nullable Port[] ports;
    private final int[] segments;
    private final boolean[] clampsMss;
    private final int[] tunnels;

    private PathMtus(@Nullable Port[] ports, int[] segments, boolean[] clampsMss, int[] tunnels) {
        this.ports = ports;
        this.segments = segments;
        this.clampsMss = clampsMss;
        this.tunnels = tunnels;
    }

    /** Adds the local ports, listed in the order of their numbers. */
    public static PathMtus of(List<Port> ports) {
        return new PathMtus(ports.toArray(Port[]::new), new int[0], new boolean[0], new int[0]);
    }

    /** The same with these local ports, in the order of their numbers, among which there may be gaps. */
    public PathMtus ports(List<Port> others) {
        int length = others.isEmpty() ? 0 : others.getLast().id() + 1;
        @Nullable Port[] byNumber = new Port[length];
        for (Port port : others) {
            byNumber[port.id()] = port;
        }
        return new PathMtus(byNumber, segments, clampsMss, tunnels);
    }

    /**
     * Adds a segment.
     *
     * @param mtu of its tunnels
     * @param clampMss whether the MSS of TCP connections is lowered to segments that fit
     */
    public PathMtus segment(int segment, int mtu, boolean clampMss) {
        int length = Math.max(segments.length, segment + 1);
        boolean[] clamps = Arrays.copyOf(clampsMss, length);
        clamps[segment] = clampMss;
        return new PathMtus(ports, with(segments, segment, mtu), clamps, tunnels);
    }

    /** Adds the MTU of the path to a remote VTEP, the tunnel port's, for every segment. */
    public PathMtus tunnel(int port, int mtu) {
        return new PathMtus(ports, segments, clampsMss, with(tunnels, Ports.tunnelIndex(port), mtu));
    }

    private static int[] with(int[] mtus, int index, int mtu) {
        int[] changed = Arrays.copyOf(mtus, Math.max(mtus.length, index + 1));
        Arrays.fill(changed, mtus.length, changed.length, UNLIMITED);
        changed[index] = mtu;
        return changed;
    }

    /** The known MTU of the path to a remote VTEP; {@link #UNLIMITED} when it is unknown. */
    public int tunnel(int port) {
        int index = Ports.tunnelIndex(port);
        return index < tunnels.length ? tunnels[index] : UNLIMITED;
    }

    /** The largest MTU of any segment's tunnels; a path that carries that many bytes is no limit. */
    public int widest() {
        int widest = 0;
        for (int mtu : segments) {
            widest = Math.max(widest, mtu);
        }
        return widest;
    }

    /** The most bytes of a frame of a segment that leaves by a port. */
    public int to(int segment, int port) {
        if (Ports.isTunnel(port)) {
            return Math.min(segment < segments.length ? segments[segment] : UNLIMITED, tunnel(port));
        }
        Port local = port < ports.length ? ports[port] : null;
        return local == null ? UNLIMITED : local.mtu();
    }

    /** Whether the MSS of a segment's TCP connections is lowered to segments that fit. */
    public boolean clampsMss(int segment) {
        return segment < clampsMss.length && clampsMss[segment];
    }
}
