package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.LabError;
import dev.peregrine.dataplane.testing.live.Namespace;
import java.util.ArrayList;
import java.util.List;

/**
 * Two hosts in network namespaces, joined by a veth pair that stands for the underlay, with a container each.
 *
 * <pre>
 *  cA ─veth─ hA[br42 + vxlan42] ═ uA ──veth, MTU 1600── uB ═ hB[gateway under test] ─ cB
 *  198.19.0.1                   198.18.0.1        198.18.0.2                      198.19.0.2
 *  02:00:00:00:00:01                                                       02:00:00:00:00:02
 * </pre>
 *
 * <p>Side A's kernel VTEP is made by {@link #kernelVtepA}, not from the start. Names are unique on the machine. Closing
 * deletes everything, and fails if a process was left in there.
 */
public final class Lab implements AutoCloseable {
    /** Of the segment that both containers are in. */
    public static final int VNI = 42;
    /** Of container A's {@code eth0}. */
    public static final String MAC_A = "02:00:00:00:00:01";
    /** Of container B's {@code eth0}. */
    public static final String MAC_B = "02:00:00:00:00:02";
    /** IPv4 address of container A. */
    public static final String INNER_A = "198.19.0.1";
    /** IPv4 address of container B. */
    public static final String INNER_B = "198.19.0.2";
    /** IPv6 address of container A, once {@link #enableInnerIpv6} was called. */
    public static final String INNER6_A = "fd19::1";
    /** IPv6 address of container B, once {@link #enableInnerIpv6} was called. */
    public static final String INNER6_B = "fd19::2";

    private final String prefix = Namespace.uniquePrefix();
    private final List<Namespace> namespaces = new ArrayList<>();
    private final Underlay underlay;
    private final Side a;
    private final Side b;

    private Lab(Underlay underlay) {
        this.underlay = underlay;
        Namespace hA = add("hA");
        Namespace hB = add("hB");
        a = Side.a(underlay, hA, add("cA"));
        b = Side.b(underlay, hB, add("cB"));
        connect(hA, a.device(), a.vtep(), hB, b.device(), b.vtep());
    }

    /** Makes one. */
    public static Lab create(Underlay underlay) {
        return new Lab(underlay);
    }

    /** Makes a further host or container. */
    public Namespace add(String role) {
        Namespace added = Namespace.add(prefix + role);
        namespaces.add(added);
        return added.quiet();
    }

    /** Deletes one before the others. */
    public void remove(Namespace namespace) {
        namespaces.remove(namespace);
        namespace.delete();
    }

    /** Joins two hosts by a veth pair in the mode of this lab's underlay, in a network of its own. */
    public void connect(
            Namespace one,
            String oneDevice,
            String oneAddress,
            Namespace other,
            String otherDevice,
            String otherAddress) {
        one.ip("link add %s mtu %d type veth peer name %s mtu %d netns %s"
                .formatted(oneDevice, Underlay.MTU, otherDevice, Underlay.MTU, other));
        end(one, oneDevice, oneAddress);
        end(other, otherDevice, otherAddress);
    }

    private void end(Namespace host, String device, String address) {
        if (underlay.ipv6()) host.enableIpv6(device);
        host.ip("address add %s/%d dev %s%s"
                .formatted(address, underlay.prefixLength(), device, underlay.ipv6() ? " nodad" : ""));
        host.ip("link set " + device + " up");
        if (!underlay.wire()) return;
        host.output(("ethtool -K " + device + " gso off tso off tx-udp-segmentation off gro on").split(" "));
        host.write("/sys/class/net/" + device + "/threaded", "1");
    }

    /** The kernel's VTEP on host A, with container A in its segment. */
    public KernelVtep kernelVtepA() {
        return KernelVtep.add(a, b, VNI, underlay.overlayMtu());
    }

    /** The path that a gateway on host B is compared with. */
    public KernelVtep kernelVtepB() {
        return KernelVtep.add(b, a, VNI, underlay.overlayMtu());
    }

    /** Gives both containers an IPv6 address too. */
    public void enableInnerIpv6() {
        for (Side side : List.of(a, b)) {
            side.container().enableIpv6("eth0");
            side.container().ip("address replace %s/64 dev eth0 nodad".formatted(side.inner6()));
        }
    }

    /**
     * Has the containers know each other's MAC address for good. Else their kernels ask for it again some seconds after
     * it was used, in the middle of what a test counts.
     */
    public void rememberNeighbours() {
        for (Side side : List.of(a, b)) {
            Side other = side.equals(a) ? b : a;
            side.container()
                    .ip("neigh replace %s lladdr %s dev eth0 nud permanent".formatted(other.inner(), other.mac()));
        }
    }

    /** For a gateway on host A, in place of the kernel's VTEP: VNI 42 with a TAP port {@code web} in container A. */
    public String gatewayConfigA() {
        return gatewayConfig(a, b);
    }

    /** For a gateway on host B: VNI 42 with a TAP port {@code web} in container B. */
    public String gatewayConfigB() {
        return gatewayConfig(b, a);
    }

    private static String gatewayConfig(Side own, Side other) {
        return """
                underlay: {local: "%s", device: %s}
                vnis:
                  - vni: %d
                    flood: ["%s"]
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24]}
                """.formatted(own.vtep(), own.device(), VNI, other.vtep(), own.container(), own.mac(), own.inner());
    }

    /** The kernel's VTEP on host A in a further segment, without containers. */
    public KernelVtep kernelVtepA(int vni) {
        return KernelVtep.add(hA(), vni, underlay.overlayMtu(), a.device(), vtepA(), vtepB());
    }

    /** The host that runs the kernel's VTEP, and its container. */
    public Side a() {
        return a;
    }

    /** The host of the gateway under test, and its container. */
    public Side b() {
        return b;
    }

    /** The network that joins the hosts. */
    public Underlay underlay() {
        return underlay;
    }

    /** Host A. */
    public Namespace hA() {
        return a.host();
    }

    /** Host B. */
    public Namespace hB() {
        return b.host();
    }

    /** Container A. */
    public Namespace cA() {
        return a.container();
    }

    /** Container B. */
    public Namespace cB() {
        return b.container();
    }

    /** Address of the VTEP on host A. */
    public String vtepA() {
        return a.vtep();
    }

    /** Address of the VTEP on host B. */
    public String vtepB() {
        return b.vtep();
    }

    /** All hosts and containers. */
    public List<Namespace> namespaces() {
        return List.copyOf(namespaces);
    }

    @Override
    public void close() {
        List<String> left = new ArrayList<>();
        for (Namespace namespace : namespaces) {
            for (long pid : namespace.processes()) {
                ProcessHandle.of(pid).ifPresent(process -> {
                    left.add(namespace + ": " + pid + " "
                            + process.info().commandLine().orElse("?"));
                    process.destroyForcibly();
                });
            }
            namespace.delete();
        }
        namespaces.clear();
        if (!left.isEmpty()) throw new LabError("processes left in the lab", String.join("\n", left));
    }
}
