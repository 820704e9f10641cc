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
 * @param ports in the order of their numbers, among which there may be gaps
 */
public record VirtualDevices(Fdb fdb, Vtep vtep, Policy policy, Bridge bridge, List<Port> ports) {
    /** The same devices with other local ports. */
    public VirtualDevices with(List<Port> others) {
        return new VirtualDevices(fdb, vtep, policy, bridge, List.copyOf(others));
    }

    /**
     * Has every change that a remembered decision may contradict advance the epoch. Called once, before packets come.
     */
    public void announceTo(Epoch epoch) {
        fdb.listeners().onChange(epoch::advance);
        vtep.onChange(epoch::advanceAll);
        policy.onChange(epoch::advanceAll);
        ports.forEach(port -> port.onChange(epoch::advance));
    }
}
