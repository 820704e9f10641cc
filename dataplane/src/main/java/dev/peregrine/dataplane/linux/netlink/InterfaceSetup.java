package dev.peregrine.dataplane.linux.netlink;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.dataplane.linux.sys.Prefix;
import java.util.ArrayList;
import java.util.List;

/**
 * The wanted settings of an interface: missing ones can be put back, and further ones belong to others.
 *
 * @param mac 48 bits, the first octet highest
 * @param mtu bytes
 * @param routes through the interface, in the order in which they can be added
 */
public record InterfaceSetup(long mac, int mtu, List<Prefix> addresses, List<Route> routes) {
    public InterfaceSetup {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /** The same with another MTU. */
    public InterfaceSetup withMtu(int bytes) {
        return new InterfaceSetup(mac, bytes, addresses, routes);
    }

    /** One thing to put back. */
    public sealed interface Change {
        /** Does it, in the namespace of the link. */
        void apply(Netlink netlink, Link link) throws LinuxException;
    }

    /** Another MAC address than the link has. */
    public record ChangeMac(long mac) implements Change {
        @Override
        public void apply(Netlink netlink, Link link) throws LinuxException {
            netlink.mac(link, mac);
        }

        @Override
        public String toString() {
            return "MAC address " + AddressText.mac(mac);
        }
    }

    /** Another MTU than the link has. */
    public record ChangeMtu(int bytes) implements Change {
        @Override
        public void apply(Netlink netlink, Link link) throws LinuxException {
            netlink.mtu(link, bytes);
        }

        @Override
        public String toString() {
            return "MTU " + bytes;
        }
    }

    /** An address that the link lacks. */
    public record AddAddress(Prefix address) implements Change {
        @Override
        public void apply(Netlink netlink, Link link) throws LinuxException {
            netlink.addAddress(link, address);
        }

        @Override
        public String toString() {
            return "address " + address;
        }
    }

    /** A route that the link lacks. */
    public record AddRoute(Route route) implements Change {
        @Override
        public void apply(Netlink netlink, Link link) throws LinuxException {
            netlink.addRoute(link, route);
        }

        @Override
        public String toString() {
            return "route " + route;
        }
    }

    /**
     * The changes that put back missing settings, in this order. None while the interface is down: the kernel then
     * removes routes and IPv6 addresses, and accepts neither before the interface is up.
     */
    public List<Change> missingFrom(InterfaceState found) {
        List<Change> missing = new ArrayList<>();
        if (!found.link().isUp()) {
            return missing;
        }
        if (found.link().mac() != mac) {
            missing.add(new ChangeMac(mac));
        }
        if (found.link().mtu() != mtu) {
            missing.add(new ChangeMtu(mtu));
        }
        for (Prefix address : addresses) {
            if (!found.addresses().contains(address)) {
                missing.add(new AddAddress(address));
            }
        }
        for (Route route : routes) {
            if (!found.routes().contains(route)) {
                missing.add(new AddRoute(route));
            }
        }
        return missing;
    }
}
