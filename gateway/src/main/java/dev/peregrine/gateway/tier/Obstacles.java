package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.port.VethPort;
import dev.peregrine.vxlan.underlay.socket.NativeUnderlay;
import java.net.Inet4Address;
import java.net.SocketException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Why the tier cannot be on. Belongs to the control thread. */
final class Obstacles {
    private static final String LOOPBACK = "lo";

    private final TierMeans means;
    private @Nullable BpfSupport bpf;

    /** As of the last {@link #now}: the underlay's interface. */
    private int device;

    Obstacles(TierMeans means) {
        this.means = means;
    }

    /** What no time will remove, and what to do; null for nothing. */
    @Nullable
    String lasting() {
        GatewayConfig config = means.config().get();
        if (bpf == null) {
            bpf = BpfSupport.probe();
        }
        if (!bpf.isComplete()) {
            return "BPF programs cannot be had here: " + (bpf.programs().isEmpty() ? bpf.tcx() : bpf.programs());
        }
        if (!(config.underlay().local() instanceof Inet4Address)) {
            return "the underlay is IPv6, which the programs of this version do not take";
        }
        if (!means.lanes().getFirst().underlay().mode().equals(NativeUnderlay.MODE)) {
            return "underlay.mode is not native";
        }
        return null;
    }

    /** What is in the way now, looking for the underlay's interface again, which takes a while; null for nothing. */
    @Nullable
    String now() {
        String plain = plain();
        return plain == null ? lookForDevice() : plain;
    }

    /** What is in the way now, but for the underlay's interface; null for nothing. */
    @Nullable
    String plain() {
        if (!means.fastPaths().settings().isOn()) {
            return "the flow cache is off";
        }
        if (means.fastPaths().settings().shadow() > 0) {
            return "the flow cache is compared with the chain (fastpath.shadow)";
        }
        if (!(means.scheduling().state().schedule() instanceof Schedule.RunToCompletion)) {
            return "the schedule is not run-to-completion, and only that keeps the order of packets with the kernel's";
        }
        if (!means.underlay().isUp()) {
            return "the underlay waits: " + means.underlay().reason();
        }
        if (means.ports().stream().noneMatch(port -> port instanceof VethPort veth && hasHostEnd(veth))) {
            return "no port of type veth is up";
        }
        return null;
    }

    private static boolean hasHostEnd(VethPort port) {
        OptionalInt end = port.hostEnd();
        return end.isPresent();
    }

    private @Nullable String lookForDevice() {
        try {
            Optional<Link> found = means.device().find();
            if (found.isEmpty()) {
                return "no interface is found that has underlay.local";
            }
            if (found.get().name().equals(LOOPBACK)) {
                return "the underlay is the loopback device";
            }
            device = found.get().index();
            return null;
        } catch (LinuxException | SocketException e) {
            return "the underlay's interface cannot be looked for: " + e.getMessage();
        }
    }

    /** The number of the underlay's interface, when nothing is in the way. */
    int device() {
        return device;
    }
}
