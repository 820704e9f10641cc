package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.SocketPortConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import org.jspecify.annotations.Nullable;

/** Makes local ports of every type. */
public final class PortMaker {
    private final boolean offload;
    private final LocalPort.Means means;
    private @Nullable TapCheck tapCheck;

    /** @param offload whether devices may cut and merge */
    public PortMaker(boolean offload, LocalPort.Means means) {
        this.offload = offload;
        this.means = means;
    }

    /** The local port of a configured one; nothing is opened yet. */
    public LocalPort make(Port port, PortConfig config) {
        return switch (config) {
            case TapPortConfig tap -> new TapPort(port, tap, offload, tapCheck(), means);
            case InterfacePortConfig device -> new InterfacePort(port, device, offload, means);
            case SocketPortConfig socket -> new SocketPort(port, socket, means);
            default -> throw new IllegalArgumentException("nothing makes ports of the type " + config.type());
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
