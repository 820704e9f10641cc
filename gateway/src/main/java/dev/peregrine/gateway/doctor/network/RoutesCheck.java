package dev.peregrine.gateway.doctor.network;

import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.RouteExit;
import dev.peregrine.dataplane.linux.netlink.RouteLookup;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The routes to the remote VTEPs. */
public final class RoutesCheck implements Check {
    @Override
    public String name() {
        return "routes";
    }

    @Override
    public String about() {
        return "There is a route to every remote VTEP, and none of them is this host.";
    }

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        Set<InetAddress> vteps = subject.vteps();
        if (local.isEmpty() || vteps.isEmpty()) return Finding.skip("no remote VTEP is known");
        List<String> wrong = new ArrayList<>();
        List<String> remedies = new ArrayList<>();
        int device =
                subject.device().isPresent() ? subject.link().map(Link::index).orElse(0) : 0;
        try (Netlink netlink = Netlink.open();
                RouteLookup routes = RouteLookup.open(netlink.links())) {
            for (InetAddress vtep : vteps) {
                if (!Addresses.sameFamily(vtep, local.get())) continue;
                Optional<RouteExit> exit = routes.exit(vtep, local.get(), device);
                String address = AddressText.of(vtep);
                if (exit.isEmpty()) {
                    wrong.add(address + " has no route"
                            + subject.device().map(name -> " by " + name).orElse(""));
                    remedies.add("ip route add " + address + " via GATEWAY dev "
                            + subject.link().map(Link::name).orElse("DEVICE"));
                } else if (exit.get().isLocal() && !vtep.isLoopbackAddress()) {
                    wrong.add(address + " is an address of this host");
                    remedies.add("correct flood or fdb");
                }
            }
        }
        return wrong.isEmpty()
                ? Finding.ok("to " + Texts.count(vteps.size(), "VTEP"))
                : Finding.fail(Texts.few(wrong), remedies.getFirst());
    }
}
