package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.namespace.KernelCounters;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.RouteExit;
import dev.peregrine.dataplane.linux.netlink.RouteLookup;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The reverse path filter. */
public final class ReversePathCheck implements Check {
    @Override
    public String name() {
        return "rp-filter";
    }

    @Override
    public String about() {
        return "A strict `rp_filter` does not drop datagrams of VTEPs to which the route leaves by another interface.";
    }

    private static final String FOLDER = "proc/sys/net/ipv4/conf/";
    private static final int STRICT = 1;

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        Optional<Link> link = subject.link();
        if (local.isEmpty() || link.isEmpty()) return Finding.skip("the underlay's interface is not known");
        if (local.get() instanceof Inet6Address) return Finding.ok("IPv6 has none");
        String device = link.get().name();
        int mode = Math.max(mode(subject, "all"), mode(subject, device));
        if (mode < 0) return Finding.skip("/" + FOLDER + " cannot be read");
        if (mode != STRICT) return Finding.ok(device + " " + (mode == 0 ? "off" : "loose"));
        List<String> asymmetric = asymmetric(subject, local.get(), link.get());
        long dropped = subject.gateway().isPresent()
                ? subject.gateway().get().kernelCounter("TcpExtIPReversePathFilter")
                : KernelCounters.read().value("TcpExtIPReversePathFilter");
        if (asymmetric.isEmpty()) return Finding.ok(device + " strict, and routes leave by it");
        return Finding.fail(
                "strict on " + device + ", but " + Texts.few(asymmetric) + ": what comes in by " + device
                        + " is dropped (" + dropped + " so far in this namespace)",
                "sysctl -w net.ipv4.conf." + device + ".rp_filter=2");
    }

    private static List<String> asymmetric(Subject subject, InetAddress local, Link link) throws LinuxException {
        List<String> found = new ArrayList<>();
        try (Netlink netlink = Netlink.open();
                RouteLookup routes = RouteLookup.open(netlink.links())) {
            for (InetAddress vtep : subject.vteps()) {
                if (!Addresses.sameFamily(vtep, local) || link.isLoopback()) continue;
                Optional<RouteExit> exit = routes.exit(vtep, local, 0);
                if (exit.isEmpty()
                        || exit.get().isLocal()
                        || exit.get().devices().contains(link.index())) continue;
                int index = exit.get().devices().stream().findFirst().orElse(0);
                found.add("the route to " + AddressText.of(vtep) + " leaves by "
                        + netlink.link(index).map(Link::name).orElse("interface " + index));
            }
        }
        return found;
    }

    private static int mode(Subject subject, String name) {
        return subject.files().number(FOLDER + name + "/rp_filter").orElse(-1);
    }
}
