package dev.peregrine.gateway.underlay;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.port.PathMtus;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the underlay's paths carry. The kernel takes in ICMP news of routers and refuses what is too long for a
 * path; where it has, it is asked for the path's MTU, which the bridge then holds frames to. Belongs to the control
 * thread.
 */
public final class PathMtuWatch {
    private static final Logger log = LoggerFactory.getLogger(PathMtuWatch.class);

    /** How long a narrow path is believed before the kernel, which forgets news after minutes, is asked again. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The smallest MTU of IPv4 (RFC 791). */
    private static final int SMALLEST = 68;

    private final Kernel kernel;
    private final VtepTable vteps;
    private final Bridge bridge;
    private final int overheadBytes;
    private final Map<RemoteVtep, Long> narrow = new HashMap<>();

    /** The source of what is known about paths. */
    @FunctionalInterface
    public interface Kernel {
        /** The MTU of the path to a VTEP, in bytes of outer IP packet. */
        int pathMtu(RemoteVtep vtep) throws LinuxException;
    }

    /** Watches the paths to all VTEPs; {@code overheadBytes} is what a tunnel adds to an inner IP packet. */
    public PathMtuWatch(Kernel kernel, VtepTable vteps, Bridge bridge, int overheadBytes) {
        this.kernel = kernel;
        this.vteps = vteps;
        this.bridge = bridge;
        this.overheadBytes = overheadBytes;
    }

    /** Asks about the paths that there is news of; called about once a second. */
    public void tick(long nowNanos) {
        for (RemoteVtep vtep : vteps.list()) {
            Long asked = narrow.get(vtep);
            if (vtep.takeRefusedTooLong() || (asked != null && nowNanos - asked >= AGAIN_NANOS)) {
                ask(vtep, nowNanos);
            }
        }
    }

    /**
     * A VTEP was forgotten, and its tunnel port goes to another, of whose path nothing is known yet. Were it held to
     * the narrow path of the one before, nothing too long would be sent there, and so nobody would find out.
     */
    public void forget(RemoteVtep vtep) {
        narrow.remove(vtep);
        PathMtus known = bridge.mtus();
        if (known.tunnel(vtep.port()) != PathMtus.UNLIMITED) {
            bridge.mtus(known.tunnel(vtep.port(), PathMtus.UNLIMITED));
        }
    }

    private void ask(RemoteVtep vtep, long nowNanos) {
        try {
            int outer = kernel.pathMtu(vtep);
            int inner = Math.max(SMALLEST, outer - overheadBytes);
            PathMtus known = bridge.mtus();
            boolean isNarrow = inner < known.widest();
            int mtu = isNarrow ? inner : PathMtus.UNLIMITED;
            if (mtu != known.tunnel(vtep.port())) {
                log.info(
                        "the path to VTEP {} has an MTU of {}: inner packets of {} bytes {}",
                        vtep,
                        outer,
                        inner,
                        isNarrow ? "at most" : "and more fit again");
                bridge.mtus(known.tunnel(vtep.port(), mtu));
            }
            if (isNarrow) {
                narrow.put(vtep, nowNanos);
            } else {
                narrow.remove(vtep);
            }
        } catch (LinuxException e) {
            log.debug("the MTU of the path to VTEP {}: {}", vtep, e.getMessage());
        }
    }
}
