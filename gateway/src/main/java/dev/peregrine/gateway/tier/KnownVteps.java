package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.fastpath.kernel.table.KernelTables;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import dev.peregrine.vxlan.VtepTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The VTEPs whose packets programs look at, by their tunnel ports. Belongs to the control thread. */
final class KnownVteps {
    private final VtepTable vteps;
    private final KernelTables tables;
    private final Map<Integer, IpAddress> known = new HashMap<>();

    KnownVteps(VtepTable vteps, KernelTables tables) {
        this.vteps = vteps;
        this.tables = tables;
    }

    private @Nullable RemoteVtep allowed(int port) {
        RemoteVtep vtep = vteps.behind(port);
        return vtep != null && vteps.isAllowed(vtep) ? vtep : null;
    }

    /** Has programs know a VTEP, if it is still there. */
    boolean knows(int port) throws LinuxException {
        RemoteVtep vtep = allowed(port);
        if (vtep == null) {
            return false;
        }
        IpAddress before = known.get(port);
        if (!vtep.address().equals(before)) {
            if (before != null) {
                tables.forgetVtep(before.high(), before.low());
            }
            tables.vtep(vtep.address().high(), vtep.address().low(), port);
            known.put(port, vtep.address());
        }
        return true;
    }

    /** Has programs forget the VTEPs that have gone, or are not allowed any more. */
    void check() throws LinuxException {
        for (Map.Entry<Integer, IpAddress> each : List.copyOf(known.entrySet())) {
            RemoteVtep vtep = allowed(each.getKey());
            IpAddress address = each.getValue();
            if (vtep == null || !vtep.address().equals(address)) {
                tables.forgetVtep(address.high(), address.low());
                known.remove(each.getKey());
            }
        }
    }
}
