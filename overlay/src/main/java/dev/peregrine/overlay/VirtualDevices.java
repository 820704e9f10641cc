package dev.peregrine.overlay;

import dev.peregrine.dataplane.device.bridge.Bridge;
import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.policy.Policy;
import dev.peregrine.fastpath.Epoch;
import dev.peregrine.vxlan.Vtep;
import java.util.List;

/**
 * The virtual devices of a gateway, with their tables. All workers share them; each has stages of its own.
 *
 * @param fdb of the bridge
 * @param ports in the order of their numbers
 */
public record VirtualDevices(Fdb fdb, Vtep vtep, Policy policy, Bridge bridge, List<Port> ports) {
    /** Has every change that a remembered decision may contradict advance the epoch. Called once, before packets come. */
    public void announceTo(Epoch epoch) {
        fdb.onChange(epoch::advance);
        vtep.onChange(epoch::advanceAll);
        policy.onChange(epoch::advanceAll);
        ports.forEach(port -> port.onChange(epoch::advance));
    }
}
