package dev.peregrine.gateway.tier;

import dev.peregrine.dataplane.bpf.BpfSupport;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.gateway.port.VethPort;
import dev.peregrine.vxlan.underlay.socket.NativeUnderlay;
import java.net.SocketException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The obstacles in the tier's way. Belongs to the control thread. */
final class Obstacles {
    private static final String LOOPBACK = "lo";

    private final TierMeans means;
    private @Nullable BpfSupport bpf;

    /**
     * Something in the way.
     *
     * @param reason as users read it
     * @param cure a command or a setting; empty where nothing is to be done
     */
    record Obstacle(String reason, String cure) {}

    /** As of the last {@link #now}: the underlay's interface. */
    private int device;

    Obstacles(TierMeans means) {
        this.means = means;
    }

    /** The obstacle that no time will remove, and its cure; null for none. */
    @Nullable
    Obstacle lasting() {
        if (bpf == null) {
            bpf = BpfSupport.probe();
        }
        if (!bpf.isComplete()) {
            return new Obstacle(
                    "BPF programs cannot be had here: " + (bpf.programs().isEmpty() ? bpf.tcx() : bpf.programs()),
                    "Linux 6.6 and CAP_BPF, as docs/veth-ports.md says; or fastpath.kernel: off");
        }
        if (!means.lanes().getFirst().underlay().mode().equals(NativeUnderlay.MODE)) {
            return new Obstacle("underlay.mode is not native", "underlay.mode: native");
        }
        return null;
    }

    /** The present obstacle, after another look for the underlay's interface, which takes a while; null for nothing. */
    @Nullable
    Obstacle now() {
        Obstacle plain = plain();
        return plain == null ? lookForDevice() : plain;
    }

    /** The present obstacle but for the underlay's interface; null for none. */
    @Nullable
    Obstacle plain() {
        if (!means.fastPaths().settings().isOn()) {
            return new Obstacle("the flow cache is off", "flow on");
        }
        if (means.fastPaths().settings().shadow() > 0) {
            return new Obstacle(
                    "the flow cache is compared with the chain (fastpath.shadow)",
                    "fastpath.shadow: 0, when it has shown enough");
        }
        if (!(means.scheduling().state().schedule() instanceof Schedule.RunToCompletion)) {
            return new Obstacle(
                    "the schedule is not run-to-completion, and only that keeps the order of packets with the kernel's",
                    "schedule set run-to-completion");
        }
        if (!means.underlay().isUp()) {
            return new Obstacle(
                    "the underlay waits: " + means.underlay().reason(), "see the lines underlay and udp-port");
        }
        if (means.ports().stream().noneMatch(port -> port instanceof VethPort veth && hasHostEnd(veth))) {
            return new Obstacle(
                    "no port of type veth is up",
                    "ports of type veth, see docs/veth-ports.md; port list tells why one waits");
        }
        return null;
    }

    private static boolean hasHostEnd(VethPort port) {
        OptionalInt end = port.hostEnd();
        return end.isPresent();
    }

    private @Nullable Obstacle lookForDevice() {
        try {
            Optional<Link> found = means.device().find();
            if (found.isEmpty()) {
                return new Obstacle("no interface is found that has underlay.local", "see the line underlay");
            }
            if (found.get().name().equals(LOOPBACK)) {
                return new Obstacle("the underlay is the loopback device", "");
            }
            device = found.get().index();
            return null;
        } catch (LinuxException | SocketException e) {
            return new Obstacle("the underlay's interface cannot be looked for: " + e.getMessage(), "");
        }
    }

    /** The number of the underlay's interface, when nothing is in the way. */
    int device() {
        return device;
    }
}
