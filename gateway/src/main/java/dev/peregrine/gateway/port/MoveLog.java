package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.fdb.FdbListeners;
import dev.peregrine.dataplane.packet.Ports;
import dev.peregrine.gateway.config.value.MacAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log which MAC moved from where to where, as often as a {@link LineRate} admits, and then how many were
 * left out. A workload that migrates moves once; a loop, or two hosts with one MAC, move for ever. Belongs to the
 * control thread.
 */
public final class MoveLog implements FdbListeners.MoveListener {
    private static final Logger log = LoggerFactory.getLogger(MoveLog.class);

    private final Segments segments;
    private final VtepTable vteps;
    private final LocalPorts ports;
    private final LongSupplier clock;
    private final LineRate rate;
    private long leftOut;

    /** Names segments, VTEPs and ports as they are when a MAC moves. */
    public MoveLog(Segments segments, VtepTable vteps, LocalPorts ports, LongSupplier clock) {
        this.segments = segments;
        this.vteps = vteps;
        this.ports = ports;
        this.clock = clock;
        rate = new LineRate(clock.getAsLong());
    }

    @Override
    public void moved(int segment, long mac, int from, int to) {
        if (!rate.admits(clock.getAsLong())) {
            leftOut++;
            return;
        }
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
