package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.dataplane.endpoint.device.VethTap;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.InterfacePortConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.SocketPortConfig;
import dev.peregrine.gateway.config.model.TapPortConfig;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes local ports of every type. */
public final class PortMaker {
    private static final Logger log = LoggerFactory.getLogger(PortMaker.class);

    private final boolean offload;
    private final Supplier<LocalPort.Means> means;
    private @Nullable CompletableFuture<TapCheck> tapCheck;
    private @Nullable BpfSupport bpf;

    /**
     * @param offload whether devices may cut and merge
     * @param means those of a gateway, which need not be there before a port is made
     */
    public PortMaker(boolean offload, Supplier<LocalPort.Means> means) {
        this.offload = offload;
        this.means = means;
    }

    /** Removes the devices that an earlier gateway here left behind when it was killed. */
    public void removeStale() {
        try {
            int removed = VethTap.removeStale();
            if (removed > 0) {
                log.info("{} veth pairs that an earlier gateway left behind are removed", removed);
            }
        } catch (LinuxException e) {
            log.warn("veth pairs that an earlier gateway may have left behind: {}", e.getMessage());
        }
    }

    /** The local port of a configured one; nothing is opened yet. */
    public LocalPort make(Port port, PortConfig config) {
        return switch (config) {
            case TapPortConfig tap
            when tap.kind() == TapPortConfig.Kind.VETH ->
                new VethPort(port, tap, offload, tapCheck()::join, bpf(), means.get());
            case TapPortConfig tap -> new TapPort(port, tap, offload, tapCheck()::join, means.get());
            case InterfacePortConfig device -> new InterfacePort(port, device, offload, means.get());
            case SocketPortConfig socket -> new SocketPort(port, socket, means.get());
            default -> throw new IllegalArgumentException("nothing makes ports of the type " + config.type());
        };
    }

    /**
     * Has what TAP devices do tried, where some of these ports have one: it is known when the first of them is opened.
     */
    public void prepare(Stream<PortConfig> ports) {
        if (ports.anyMatch(TapPortConfig.class::isInstance)) {
            var _ = tapCheck();
        }
    }

    /** Tries what TAP devices do, once for all of them. */
    private CompletableFuture<TapCheck> tapCheck() {
        if (tapCheck == null) {
            tapCheck = offload ? TapCheck.begin() : CompletableFuture.completedFuture(TapCheck.none());
        }
        return tapCheck;
    }

    /** Asks for programs once. */
    private BpfSupport bpf() {
        if (bpf == null) {
            bpf = BpfSupport.probe();
        }
        return bpf;
    }
}
