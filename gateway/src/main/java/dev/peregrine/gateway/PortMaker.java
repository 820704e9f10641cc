package dev.peregrine.gateway;

import dev.peregrine.dataplane.device.Port;
import dev.peregrine.dataplane.endpoint.TapCheck;
import dev.peregrine.gateway.config.InterfacePortConfig;
import dev.peregrine.gateway.config.PortConfig;
import dev.peregrine.gateway.config.SocketPortConfig;
import dev.peregrine.gateway.config.TapPortConfig;
import org.jspecify.annotations.Nullable;

/** Makes local ports of every type. */
final class PortMaker {
    private final boolean offload;
    private final LocalPort.Means means;
    private @Nullable TapCheck tapCheck;

    /** @param offload whether devices may cut and merge */
    PortMaker(boolean offload, LocalPort.Means means) {
        this.offload = offload;
        this.means = means;
    }

    LocalPort make(Port port, PortConfig config) {
        return switch (config) {
            case TapPortConfig tap -> new TapPort(port, tap, offload, tapCheck(), means);
            case InterfacePortConfig device -> new InterfacePort(port, device, offload, means);
            case SocketPortConfig socket -> new SocketPort(port, socket, means);
        };
    }

    /** Tries what TAP devices do, once for all of them. */
    private TapCheck tapCheck() {
        if (tapCheck == null) {
            tapCheck = offload ? TapCheck.run() : TapCheck.none();
        }
        return tapCheck;
    }
}
