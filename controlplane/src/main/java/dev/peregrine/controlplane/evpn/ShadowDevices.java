package dev.peregrine.controlplane.evpn;

import dev.peregrine.dataplane.linux.namespace.NetNamespace;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.VethPair;
import dev.peregrine.dataplane.linux.netlink.bridge.BridgeDevices;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Errno;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Syscalls;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes and removes the shadow devices of a VTEP, in the network namespace of the thread that opened it, and for that
 * thread alone. They are told from others by a text that is written on them ({@code ip -d link}), so that the next
 * start finds those that a killed gateway left.
 */
final class ShadowDevices implements AutoCloseable {
    private static final List<String> KINDS = List.of("vxlan", "veth", "bridge");

    /** Locally administered; nobody sees it. */
    private static final long PEER_MAC = 0x02_50_47_00_00_00L;

    private static final int MTU = 1500;

    /** Entries that no frame confirms age, and are to stay. */
    private static final int AGEING_SECONDS = 20_000_000;

    private static final int DELETE_AT_ONCE = 100;

    private final String alias;
    private final InetAddress vtep;
    private final int udpPort;
    private final Netlink netlink;
    private final BridgeDevices devices;

    /** Names of the devices with our text on them. */
    private final Set<String> own = new HashSet<>();

    private ShadowDevices(InetAddress vtep, int udpPort, Netlink netlink, BridgeDevices devices) {
        this.alias = "peregrine evpn " + AddressText.of(vtep);
        this.vtep = vtep;
        this.udpPort = udpPort;
        this.netlink = netlink;
        this.devices = devices;
    }

    static ShadowDevices open(InetAddress vtep, int udpPort) throws LinuxException {
        Netlink netlink = Netlink.open();
        try {
            return new ShadowDevices(vtep, udpPort, netlink, BridgeDevices.open());
        } catch (LinuxException e) {
            netlink.close();
            throw e;
        }
    }

    /** Looks which devices of this VTEP are there, and removes those that stand for other VNIs. */
    void prune(Set<Integer> vnis) throws LinuxException {
        own.clear();
        for (String kind : KINDS) {
            for (VethPair.End end : VethPair.marked(kind)) {
                if (end.alias().equals(alias)) {
                    own.add(end.name());
                }
            }
        }
        delete(own.stream().filter(name -> !vnis.contains(vni(name))).toList());
    }

    private static int vni(String name) {
        String digits = name.substring(Math.min(Shadow.BRIDGE.length(), name.length()));
        return digits.matches("\\d{1,8}") ? Integer.parseInt(digits) : -1;
    }

    /**
     * The devices of a VNI: those that are there, with all their entries, if they are as they should be; else new ones.
     */
    Shadow ensure(int vni) throws LinuxException {
        Link bridge = find(Shadow.BRIDGE + vni);
        Link vxlan = find(Shadow.VXLAN + vni);
        Link port = find(Shadow.PORT + vni);
        if (bridge != null && port != null && vxlan != null && isSame(vxlan, vni)) {
            return join(vni, bridge, vxlan, port);
        }
        remove(vni);
        return create(vni);
    }

    /**
     * Whether the devices that zebra looks at are there and up. The kernel answers between two changes of devices: one
     * that is being removed is gone then.
     */
    boolean isWhole(Shadow shadow) throws LinuxException {
        return isUp(shadow.bridge()) && isUp(shadow.vxlan());
    }

    private boolean isUp(int index) throws LinuxException {
        return netlink.link(index).filter(Link::isUp).isPresent();
    }

    private @Nullable Link find(String name) throws LinuxException {
        return own.contains(name) ? netlink.link(name).orElse(null) : null;
    }

    private boolean isSame(Link vxlan, int vni) {
        return vxlan.vxlan()
                .filter(found -> found.vni() == vni && found.port() == udpPort && vtep.equals(found.local()))
                .isPresent();
    }

    private Shadow create(int vni) throws LinuxException {
        devices.addBridge(Shadow.BRIDGE + vni, AGEING_SECONDS);
        Link bridge = mark(Shadow.BRIDGE + vni);
        String peer = Shadow.PEER + vni;
        int here = NetNamespace.current().open();
        try {
            VethPair.add(Shadow.PORT + vni, MTU, peer, here, PEER_MAC, MTU);
        } finally {
            Syscalls.close(here);
        }
        Link port = mark(Shadow.PORT + vni);
        Link other = made(peer);
        VethPair.silence(other);
        netlink.up(other);
        devices.addVxlan(Shadow.VXLAN + vni, vni, vtep, udpPort);
        return join(vni, bridge, mark(Shadow.VXLAN + vni), port);
    }

    /** The VXLAN device comes last: by it zebra knows the VNI. */
    private Shadow join(int vni, Link bridge, Link vxlan, Link port) throws LinuxException {
        netlink.up(bridge);
        for (Link link : List.of(port, vxlan)) {
            devices.addQuietPort(bridge, link);
            netlink.up(link);
        }
        return new Shadow(vni, bridge.index(), vxlan.index(), port.index());
    }

    private Link mark(String name) throws LinuxException {
        Link link = made(name);
        VethPair.mark(link, alias);
        VethPair.silence(link);
        own.add(name);
        return link;
    }

    private Link made(String name) throws LinuxException {
        return netlink.link(name)
                .orElseThrow(() -> new LinuxException("get link", name, Errno.ENODEV, "somebody removed it"));
    }

    /** Removes the devices of a VNI, as far as they are there. */
    void remove(int vni) throws LinuxException {
        delete(Stream.of(Shadow.VXLAN, Shadow.PORT, Shadow.BRIDGE)
                .map(kind -> kind + vni)
                .filter(own::contains)
                .toList());
    }

    /** VXLAN devices first: by them zebra knows the VNIs. In parts, since nobody else can change links meanwhile. */
    private void delete(List<String> names) throws LinuxException {
        List<String> ordered = names.stream().sorted(Comparator.reverseOrder()).toList();
        for (int from = 0; from < ordered.size(); from += DELETE_AT_ONCE) {
            List<Link> links = new ArrayList<>();
            for (String name : ordered.subList(from, Math.min(from + DELETE_AT_ONCE, ordered.size()))) {
                own.remove(name);
                netlink.link(name).ifPresent(links::add);
            }
            if (!links.isEmpty()) {
                devices.delete(links, vtep.hashCode());
            }
        }
    }

    @Override
    public void close() {
        netlink.close();
        devices.close();
    }
}
