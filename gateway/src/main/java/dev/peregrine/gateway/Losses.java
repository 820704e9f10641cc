package dev.peregrine.gateway;

import dev.peregrine.dataplane.packet.DropReason;
import java.util.List;

/** Every drop of the gateway by reason, those included that the kernel reports. Asked on the control thread. */
final class Losses {
    private final List<Lane> lanes;
    private final List<LocalPort> ports;

    Losses(List<Lane> lanes, List<LocalPort> ports) {
        this.lanes = lanes;
        this.ports = ports;
    }

    /** Wire packets dropped for a reason since the start. */
    long count(DropReason reason) {
        long sum = 0;
        for (Lane lane : lanes) {
            sum += lane.drops().count(reason);
        }
        if (reason == DropReason.TAP_TRANSMIT_OVERFLOW) {
            for (LocalPort port : ports) {
                sum += port instanceof TapPort tap ? tap.overflows() : 0;
            }
        }
        if (reason == DropReason.INTERFACE_RECEIVE_OVERFLOW) {
            for (LocalPort port : ports) {
                sum += port instanceof InterfacePort device ? device.overflows() : 0;
            }
        }
        return sum;
    }

    /** Wire packets dropped for any reason since the start. */
    long total() {
        long sum = 0;
        for (DropReason reason : DropReason.values()) {
            sum += count(reason);
        }
        return sum;
    }
}
