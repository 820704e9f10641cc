package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log which MAC moved from where to where: {@value #BURST} moves at once and one a second, and then how
 * many were left out. A workload that migrates moves once; a loop, or two hosts with one MAC, move for ever. Belongs to
 * the control thread.
 */
public final class MoveLog implements Fdb.MoveListener {
    static final int BURST = 10;

    private static final Logger log = LoggerFactory.getLogger(MoveLog.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Segments segments;
    private final VtepTable vteps;
    private final LocalPorts ports;
    private final LongSupplier clock;
    private long fullNanos;
    private long leftOut;

    /** Names segments, VTEPs and ports as they are when a MAC moves. */
    public MoveLog(Segments segments, VtepTable vteps, LocalPorts ports, LongSupplier clock) {
        this.segments = segments;
        this.vteps = vteps;
        this.ports = ports;
        this.clock = clock;
        fullNanos = clock.getAsLong();
    }

    @Override
    public void moved(int segment, long mac, int from, int to) {
        long now = clock.getAsLong();
        long ahead = Math.max(0, fullNanos - now);
        if (ahead > (BURST - 1) * INTERVAL_NANOS) {
            leftOut++;
            return;
        }
        fullNanos = now + ahead + INTERVAL_NANOS;
        log.info(
                "{} in VNI {} moved from {} to {}{}",
                new MacAddress(mac),
                segments.get(segment).vni(),
                name(from),
                name(to),
                leftOut == 0 ? "" : ", and " + leftOut + " more moves before");
        leftOut = 0;
    }

    private String name(int port) {
        if (!Ports.isTunnel(port)) {
            return "port " + ports.name(port);
        }
        RemoteVtep vtep = vteps.behind(port);
        return "VTEP " + (vtep == null ? "unknown" : vtep);
    }
}
