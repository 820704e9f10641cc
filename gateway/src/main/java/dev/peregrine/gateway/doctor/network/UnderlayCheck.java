package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.netlink.InterfaceAddress;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;

/** This VTEP's address and interface. */
public final class UnderlayCheck implements Check {
    /** {@code IFF_LOWER_UP}: there is a carrier. */
    private static final int LOWER_UP = 0x10000;

    @Override
    public String name() {
        return "underlay";
    }

    @Override
    public String about() {
        return "`underlay.local` is on an interface that is up, and `underlay.device` is there and up.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        if (local.isEmpty()) return Finding.skip("neither a gateway nor a configuration tells the address");
        try (Netlink netlink = Netlink.open()) {
            Optional<String> device = subject.device();
            Optional<Link> link = device.isPresent() ? netlink.link(device.get()) : Optional.empty();
            if (device.isPresent() && link.isEmpty()) {
                return Finding.fail("there is no interface " + device.get(), "ip link, then correct underlay.device");
            }
            Optional<InterfaceAddress> held = netlink.addresses().stream()
                    .filter(address -> address.address().equals(local.get()))
                    .findFirst();
            if (held.isPresent() && link.isEmpty())
                link = netlink.link(held.get().index());
            if (link.isPresent() && !link.get().isUp()) return down(link.get());
            if (held.isEmpty() && !local.get().isLoopbackAddress()) return missing(local.get(), link);
            return held.isEmpty() ? Finding.ok(AddressText.of(local.get())) : state(held.get(), link);
        }
    }

    private static Finding down(Link link) {
        return Finding.fail("interface " + link.name() + " is down", "ip link set " + link.name() + " up");
    }

    private static Finding missing(InetAddress local, Optional<Link> link) {
        String device = link.map(Link::name).orElse("DEVICE");
        return Finding.fail(
                "no interface has " + AddressText.of(local),
                "ip address add " + AddressText.of(local) + (local.getAddress().length == 16 ? "/64" : "/24") + " dev "
                        + device + ", or correct underlay.local");
    }

    private static Finding state(InterfaceAddress held, Optional<Link> link) {
        String address = AddressText.of(held.address());
        String device = link.map(Link::name).orElse("?");
        if (held.isDuplicate()) {
            return Finding.fail(
                    "another host has " + address + " too: duplicate address detection failed",
                    "take it from the other host, then ip link set " + device + " down && ip link set " + device
                            + " up");
        }
        if (held.isTentative()) {
            return Finding.warn(
                    address + " is tentative: duplicate address detection runs", "wait for a second or two");
        }
        boolean hasCarrier = link.filter(one -> (one.flags() & LOWER_UP) == 0).isEmpty();
        String found = address + " on " + device
                + link.map(one -> ", MTU " + one.mtu()).orElse("");
        return hasCarrier
                ? Finding.ok(found)
                : Finding.fail(found + ": no carrier", "look at the cable, or the other end: ip link show " + device);
    }
}
