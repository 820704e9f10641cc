package dev.peregrine.gateway.doctor.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Neighbours;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.RouteExit;
import dev.peregrine.dataplane.linux.netlink.RouteLookup;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.Subject;
import dev.peregrine.gateway.doctor.check.Texts;
import dev.peregrine.gateway.doctor.probe.PathProbe;
import dev.peregrine.gateway.underlay.UnderlayMtu;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The packets that the paths to VTEPs carry. */
public final class PathMtuCheck implements Check {
    @Override
    public String name() {
        return "path-mtu";
    }

    @Override
    public String about() {
        return "The largest datagrams of the VNIs get to every VTEP, tried by ICMP echo with Don't Fragment. The way back, and bridge ports behind the far VTEP, cannot be seen from here.";
    }

    private static final int MOST_VTEPS = 16;

    /**
     * The way to a VTEP.
     *
     * @param mtu of the interface
     */
    private record Way(int mtu, InetAddress nextHop) {}

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        Optional<Link> link = subject.link();
        if (local.isEmpty() || subject.vteps().isEmpty()) return Finding.skip("no remote VTEP is known");
        if (link.isEmpty()) return Finding.skip("the underlay's interface is not there");
        Map<InetAddress, Way> ways = ways(subject, local.get(), link.get());
        if (ways.isEmpty()) return Finding.skip("no remote VTEP has a route");
        Map<InetAddress, Integer> hosts = new LinkedHashMap<>();
        ways.forEach((vtep, way) -> hosts.put(vtep, way.mtu));
        PathProbe probe = new PathProbe(local.get(), subject.device().orElse(null));
        return judge(subject, ways, probe.ask(hosts));
    }

    private static Map<InetAddress, Way> ways(Subject subject, InetAddress local, Link link) throws LinuxException {
        Map<InetAddress, Way> ways = new LinkedHashMap<>();
        int device = subject.device().isPresent() ? link.index() : 0;
        try (Netlink netlink = Netlink.open();
                RouteLookup routes = RouteLookup.open(netlink.links())) {
            for (InetAddress vtep : subject.vteps()) {
                if (ways.size() == MOST_VTEPS || !Addresses.sameFamily(vtep, local)) continue;
                Optional<RouteExit> exit = routes.exit(vtep, local, device);
                if (exit.isEmpty() || exit.get().isLocal()) continue;
                int mtu = 65_535;
                for (int index : exit.get().devices()) {
                    mtu = Math.min(mtu, netlink.link(index).map(Link::mtu).orElse(mtu));
                }
                ways.put(vtep, new Way(mtu, exit.get().via().orElse(vtep)));
            }
        }
        return ways;
    }

    /** Bytes of the largest datagram that a VNI makes; 0 if that is not known. */
    private static int needed(Subject subject) throws LinuxException {
        int inner = 0;
        if (subject.gateway().isPresent()) {
            for (JsonNode vni : subject.gateway().get().vnis())
                inner = Math.max(inner, vni.path("mtu").asInt());
        } else if (subject.config().isPresent()) {
            GatewayConfig config = subject.config().get();
            Map<Integer, OptionalInt> carried = UnderlayMtu.measure(config);
            for (VniConfig vni : config.vnis()) {
                OptionalInt most = carried.getOrDefault(vni.vni(), OptionalInt.empty());
                inner = Math.max(inner, vni.mtu().orElse(most.orElse(0) - subject.overheadBytes()));
            }
        }
        return inner <= 0 ? 0 : inner + subject.overheadBytes();
    }

    private static Finding judge(Subject subject, Map<InetAddress, Way> ways, Map<InetAddress, PathProbe.Path> paths)
            throws LinuxException {
        int needed = needed(subject);
        Set<InetAddress> unanswered = Neighbours.unanswered();
        List<String> lost = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        List<String> unsure = new ArrayList<>();
        List<String> wide = new ArrayList<>();
        Map<String, Integer> narrow = new LinkedHashMap<>();
        paths.forEach((vtep, path) -> {
            String address = AddressText.of(vtep);
            int wanted = needed == 0 ? path.asked() : Math.min(needed, path.asked());
            InetAddress nextHop = Objects.requireNonNull(ways.get(vtep)).nextHop;
            if (path.answers() && path.largest() < wanted && !path.isSure()) unsure.add(address);
            else if (path.answers() && path.largest() < wanted) narrow.put(address, path.largest());
            else if (path.answers()) wide.add(address + " " + path.largest() + " of " + path.asked());
            else if (unanswered.contains(nextHop)) lost.add(AddressText.of(nextHop));
            else silent.add(address);
        });
        if (!lost.isEmpty()) {
            return Finding.fail(
                    "no neighbour answers for " + Texts.few(lost),
                    "ip neigh show " + lost.getFirst() + "; is that host up?");
        }
        if (!narrow.isEmpty()) return narrow(subject, narrow, needed);
        if (!unsure.isEmpty()) {
            return Finding.skip(
                    "the answers of " + Texts.few(unsure) + " come late or get lost: the path is not measured",
                    "try again while this host and the network are less busy");
        }
        if (!silent.isEmpty()) {
            return Finding.skip(
                    Texts.few(silent) + " does not answer ICMP echo: the path is not measured",
                    "peregrine vtep list has path MTUs that routers have told");
        }
        return Finding.ok(Texts.few(wide) + " bytes, there; the way back is not seen");
    }

    private static Finding narrow(Subject subject, Map<String, Integer> narrow, int needed) {
        Map.Entry<String, Integer> worst =
                narrow.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        int mtu = worst.getValue();
        String others = narrow.size() == 1 ? "" : ", and too few to " + (narrow.size() - 1) + " other VTEPs";
        return Finding.fail(
                "to " + worst.getKey() + " only " + mtu + " of " + needed + " bytes get through" + others,
                "vnis[].mtu: " + (mtu - subject.overheadBytes()) + ", or ip route replace " + worst.getKey() + " dev "
                        + subject.device().orElse("DEVICE") + " mtu " + mtu + ", or widen the path");
    }
}
