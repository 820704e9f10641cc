package dev.peregrine.gateway.live.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
    public static final int VNI = 42;
    public static final String MAC_A = "02:00:00:00:00:01";
    public static final String MAC_B = "02:00:00:00:00:02";
    public static final String INNER_A = "198.19.0.1";
    public static final String INNER_B = "198.19.0.2";
    /** IPv6 addresses of the containers, once {@link #enableInnerIpv6} was called. */
    public static final String INNER6_A = "fd19::1";

    public static final String INNER6_B = "fd19::2";

    private static final String PREFIX = "pgl";
    private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)\\.\\d+-\\w+");
    private static final AtomicInteger LABS = new AtomicInteger();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> sweep(ProcessHandle.current().pid())));
    }

    private final String prefix = PREFIX + ProcessHandle.current().pid() + "." + LABS.incrementAndGet() + "-";
    private final List<Namespace> namespaces = new ArrayList<>();
    private final Underlay underlay;
    private final Namespace hA;
    private final Namespace hB;
    private final Namespace cA;
    private final Namespace cB;

    private Lab(Underlay underlay) {
        this.underlay = underlay;
        hA = add("hA");
        hB = add("hB");
        cA = add("cA");
        cB = add("cB");
        connect(hA, "uA", 1, hB, "uB", 2);
    }

    public static Lab create(Underlay underlay) {
        sweepDead();
        return new Lab(underlay);
    }

    public Namespace add(String role) {
        Namespace added = Namespace.add(prefix + role);
        namespaces.add(added);
        return added;
    }

    public void remove(Namespace namespace) {
        namespaces.remove(namespace);
        namespace.delete();
    }

    /**
     * Joins two hosts by a veth pair, each end with the address of a host number; in the mode of this lab's underlay.
     */
    private void connect(
            Namespace one, String oneDevice, int oneHost, Namespace other, String otherDevice, int otherHost) {
        connect(one, oneDevice, underlay.address(oneHost), other, otherDevice, underlay.address(otherHost));
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
        KernelVtep vtep = kernelVtepA(VNI);
        vtep.attach(cA, MAC_A, INNER_A);
        return vtep;
    }

    /** The path that a gateway on host B is compared with. */
    KernelVtep kernelVtepB() {
        KernelVtep vtep = KernelVtep.add(hB, VNI, underlay.overlayMtu(), "uB", vtepB(), vtepA());
        vtep.attach(cB, MAC_B, INNER_B);
        return vtep;
    }

    /** Gives both containers an IPv6 address too. */
    public void enableInnerIpv6() {
        for (Namespace container : List.of(cA, cB)) {
            container.enableIpv6("eth0");
            container.ip("address replace %s/64 dev eth0 nodad".formatted(container == cA ? INNER6_A : INNER6_B));
        }
    }

    /** For a gateway on host A, in place of the kernel's VTEP: VNI 42 with a TAP port {@code web} in container A. */
    public String gatewayConfigA() {
        return gatewayConfig(vtepA(), "uA", vtepB(), cA, MAC_A, INNER_A);
    }

    /** For a gateway on host B: VNI 42 with a TAP port {@code web} in container B. */
    public String gatewayConfigB() {
        return gatewayConfig(vtepB(), "uB", vtepA(), cB, MAC_B, INNER_B);
    }

    private static String gatewayConfig(
            String local, String device, String remote, Namespace container, String mac, String address) {
        return """
                underlay: {local: "%s", device: %s}
                vnis:
                  - vni: %d
                    flood: ["%s"]
                    ports:
                      - {name: web, type: tap, device: eth0, netns: %s, mac: "%s", addresses: [%s/24]}
                """.formatted(local, device, VNI, remote, container, mac, address);
    }

    /** The kernel's VTEP on host A in a further segment, without containers. */
    public KernelVtep kernelVtepA(int vni) {
        return KernelVtep.add(hA, vni, underlay.overlayMtu(), "uA", vtepA(), vtepB());
    }

    public Underlay underlay() {
        return underlay;
    }

    public Namespace hA() {
        return hA;
    }

    public Namespace hB() {
        return hB;
    }

    public Namespace cA() {
        return cA;
    }

    public Namespace cB() {
        return cB;
    }

    public String vtepA() {
        return underlay.address(1);
    }

    public String vtepB() {
        return underlay.address(2);
    }

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
        assertEquals(List.of(), left, "processes left in the lab");
    }

    /** Labs of test runs that were killed outright. */
    private static void sweepDead() {
        for (String name : Namespace.names()) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches()) continue;
            long pid = Long.parseLong(matcher.group(1));
            if (ProcessHandle.of(pid).isEmpty()) Namespace.sweep(name);
        }
    }

    private static void sweep(long pid) {
        for (String name : Namespace.names()) if (name.startsWith(PREFIX + pid + ".")) Namespace.sweep(name);
    }
}
