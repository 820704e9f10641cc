package dev.peregrine.fastpath.kernel;

import dev.peregrine.dataplane.bpf.Hook;
import dev.peregrine.dataplane.bpf.LoadedProgram;
import dev.peregrine.dataplane.bpf.Program;
import dev.peregrine.dataplane.bpf.TcxLink;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.testing.FrameBuilder;
import dev.peregrine.dataplane.testing.live.Live;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.ArrayList;
import java.util.List;

/**
 * A VXLAN device of the kernel as the remote end of a tunnel, this host, and a workload. Neighbours are static.
 * Programs are attached to this host's devices until the lab is closed.
 *
 * <pre>
 *   remote        here         workload
 *   vx0 ─ uA ──── uB   p0 ──── eth0
 * </pre>
 */
final class TierLab implements AutoCloseable {
    static final long REMOTE_MAC = 0x02_00_00_00_0a_01L;
    static final long WORKLOAD_MAC = 0x02_00_00_00_0a_02L;

    final Namespace remote = Live.namespace();
    final Namespace here = Live.namespace();
    final Namespace workload = Live.namespace();
    final Rig rig;
    private final List<Runnable> ends = new ArrayList<>();

    TierLab() throws LinuxException {
        here.ip("link add uB type veth peer name uA netns " + remote.name());
        here.ip("link add p0 type veth peer name eth0 netns " + workload.name());
        here.ip("addr add " + Rig.LOCAL + "/24 dev uB");
        remote.ip("addr add " + Rig.REMOTE + "/24 dev uA");
        remote.ip("link set uA up");
        here.ip("link set uB up");
        here.ip("link set p0 up");
        tunnel(remote, "vx0", "02:00:00:00:0a:01", Rig.REMOTE, Rig.LOCAL);
        end(remote, "vx0", 1, 2);
        workload.ip("link set eth0 address 02:00:00:00:0a:02");
        end(workload, "eth0", 2, 1);
        rig = new Rig(PortProgram::withHelper);
        ends.add(rig::close);
    }

    /** Makes a VXLAN device. */
    static void tunnel(Namespace namespace, String device, String mac, String local, String other) {
        namespace.ip("link add " + device + " address " + mac + " type vxlan id " + Rig.VNI + " local " + local
                + " remote " + other + " dstport 4789");
    }

    private static void end(Namespace namespace, String device, int own, int other) {
        namespace.enableIpv6(device);
        namespace.ip("link set " + device + " mtu 1400 up");
        namespace.ip("addr add " + address(false, own) + "/24 dev " + device);
        namespace.ip("addr add " + address(true, own) + "/64 dev " + device + " nodad");
        for (String address : List.of(address(false, other), address(true, other))) {
            namespace.ip("neigh replace " + address + " lladdr 02:00:00:00:0a:0" + other + " dev " + device
                    + " nud permanent");
        }
    }

    /** The address of the remote end, host 1, or the workload, host 2. */
    static String address(boolean ipv6, int host) {
        return (ipv6 ? "fd09::" : "10.9.0.") + host;
    }

    /** A frame of one of them for the other. */
    static FrameBuilder addressed(FrameBuilder frame, boolean ipv6, boolean toWorkload) {
        return frame.macs(toWorkload ? WORKLOAD_MAC : REMOTE_MAC, toWorkload ? REMOTE_MAC : WORKLOAD_MAC)
                .addresses(address(ipv6, toWorkload ? 1 : 2), address(ipv6, toWorkload ? 2 : 1));
    }

    /** The number of a device in the calling thread's namespace. */
    static int index(String name) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            return netlink.link(name).orElseThrow().index();
        }
    }

    /** Attaches a program to a device of the calling thread's namespace. */
    void attach(Program program, int device) throws LinuxException {
        try (LoadedProgram loaded = LoadedProgram.load(program)) {
            ends.add(TcxLink.attach(loaded, device, Hook.INGRESS, TcxLink.Place.LAST)::close);
        }
    }

    @Override
    public void close() {
        ends.reversed().forEach(Runnable::run);
        workload.close();
        remote.close();
        here.close();
    }
}
