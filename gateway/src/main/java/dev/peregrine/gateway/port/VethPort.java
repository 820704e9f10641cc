package dev.peregrine.gateway.port;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.device.port.Port;
import dev.peregrine.dataplane.endpoint.device.QueueSteering;
import dev.peregrine.dataplane.endpoint.device.TapCheck;
import dev.peregrine.dataplane.endpoint.device.VethTap;
import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.InterfaceSetup;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.tun.TapBuilder;
import dev.peregrine.dataplane.linux.tun.WorkloadDevice;
import dev.peregrine.gateway.config.model.TapPortConfig;
import dev.peregrine.gateway.config.value.MacAddress;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One end of a veth pair in the namespace of a container, whose other end stays with the gateway, where programs can
 * see each frame before the gateway does. A hidden TAP carries the frames between the gateway and that end.
 */
public final class VethPort extends TapPort {
    private final TapPortConfig config;
    private final BpfSupport bpf;
    private @Nullable VethTap pair;

    /**
     * As a {@link TapPort}.
     *
     * @param bpf whether the TAP and the pair can be joined here
     */
    VethPort(Port port, TapPortConfig config, boolean offload, Supplier<TapCheck> check, BpfSupport bpf, Means means) {
        super(port, config, offload, check, means);
        this.config = config;
        this.bpf = bpf;
    }

    /** The TAP is not the workload's: only a look finds that the workload's end has gone. */
    @Override
    boolean isSteady() {
        return false;
    }

    @Override
    WorkloadDevice make(Surroundings now, NetNamespace where, InterfaceSetup wanted, QueueSteering steering)
            throws LinuxException, NotYet {
        if (!bpf.programs().isEmpty()) {
            throw new NotYet(
                    State.FAILED,
                    "a port of type veth is joined by BPF programs, which cannot be had: " + bpf.programs()
                            + "; or give the port type tap, which needs none, and reload");
        }
        if (now.find(config.device()).isPresent() && VethTap.removeStale() == 0) {
            throw new NotYet(State.FAILED, VethTap.taken(config.device(), where).getMessage());
        }
        TapBuilder tap = queues(VethTap.tapBuilder(), steering);
        VethTap made = VethTap.open(config.name(), config.device(), where, wanted, tap);
        pair = made;
        return made;
    }

    /**
     * The number of the host end while the port is up and frames can be moved from there into the workload's namespace;
     * otherwise empty.
     */
    public OptionalInt hostEnd() {
        VethTap made = pair;
        return state() == State.UP && made != null && made.isElsewhere()
                ? OptionalInt.of(made.host())
                : OptionalInt.empty();
    }

    /** The MAC address of the workload's end. */
    public MacAddress mac() {
        return config.mac();
    }
}
