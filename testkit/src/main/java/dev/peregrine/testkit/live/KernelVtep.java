package dev.peregrine.testkit.live;

import dev.peregrine.dataplane.testing.live.Namespace;

/** One segment of the Linux kernel's VXLAN on a host: a bridge, a VXLAN device, and containers joined by veth pairs. */
public final class KernelVtep {
    private static final int UDP_PORT = 4789;

    private final Namespace host;
    private final int vni;
    private final int mtu;
    private int containers;

    private KernelVtep(Namespace host, int vni, int mtu) {
        this.host = host;
        this.vni = vni;
        this.mtu = mtu;
    }

    /** On {@code host}, whose VTEP has the address {@code local} on {@code device}; BUM frames go to {@code remote}. */
    public static KernelVtep add(Namespace host, int vni, int mtu, String device, String local, String remote) {
        return add(host, vni, mtu, device, local, remote, UDP_PORT);
    }

    /** With another UDP port. */
    public static KernelVtep add(
            Namespace host, int vni, int mtu, String device, String local, String remote, int udpPort) {
        return add(host, vni, mtu, device, local, remote, "dstport " + udpPort);
    }

    /** With further words of {@code ip link add type vxlan}, the UDP port among them. */
    public static KernelVtep add(
            Namespace host, int vni, int mtu, String device, String local, String remote, String words) {
        // Snooping would report its groups (IGMP) at a random time, and so to tests that count frames.
        host.ip("link add br%d mtu %d type bridge mcast_snooping 0".formatted(vni, mtu));
        host.ip("link add vxlan%d mtu %d type vxlan id %d dev %s local %s remote %s %s"
                .formatted(vni, mtu, vni, device, local, remote, words));
        host.ip("link set vxlan%d master br%d up".formatted(vni, vni));
        host.ip("link set br%d up".formatted(vni));
        return new KernelVtep(host, vni, mtu);
    }

    /** On one side of a lab, for BUM frames to the other; its container gets an {@code eth0} in this segment. */
    static KernelVtep add(Side side, Side other, int vni, int mtu) {
        KernelVtep vtep = add(side.host(), vni, mtu, side.device(), side.vtep(), other.vtep());
        vtep.attach(side.container(), side.mac(), side.inner());
        return vtep;
    }

    /** Gives a container a device {@code eth0} in this segment. */
    public void attach(Namespace container, String mac, String address) {
        String port = "p%d-%d".formatted(vni, ++containers);
        host.ip("link add %s mtu %d type veth peer name eth0 mtu %d address %s netns %s"
                .formatted(port, mtu, mtu, mac, container));
        host.ip("link set %s master br%d up".formatted(port, vni));
        container.ip("address add %s/24 dev eth0".formatted(address));
        container.ip("link set eth0 up");
    }
}
