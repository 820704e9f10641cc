package dev.peregrine.gateway.doctor.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peregrine.dataplane.linux.netlink.Link;
import dev.peregrine.dataplane.linux.netlink.Netlink;
import dev.peregrine.dataplane.linux.netlink.RouteExit;
import dev.peregrine.dataplane.linux.netlink.RouteLookup;
import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.LinuxException;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.doctor.check.Check;
import dev.peregrine.gateway.doctor.check.Finding;
import dev.peregrine.gateway.doctor.check.RunningGateway;
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
import java.util.Optional;
import java.util.OptionalInt;

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

    @Override
    public Finding look(Subject subject) throws IOException {
        Optional<InetAddress> local = subject.local();
        Optional<Link> link = subject.link();
        if (local.isEmpty() || subject.vteps().isEmpty()) return Finding.skip("no remote VTEP is known");
        if (link.isEmpty()) return Finding.skip("the underlay's interface is not there");
        Map<InetAddress, Integer> hosts = new LinkedHashMap<>();
        try (Netlink netlink = Netlink.open();
                RouteLookup routes = RouteLookup.open(netlink.links())) {
            for (InetAddress vtep : subject.vteps()) {
                if (hosts.size() == MOST_VTEPS || !Addresses.sameFamily(vtep, local.get())) continue;
                routes.exit(vtep, local.get(), subject.device().isPresent() ? link.get().index() : 0)
                        .filter(exit -> !exit.isLocal())
                        .flatMap(exit -> mtu(netlink, exit))
                        .ifPresent(mtu -> hosts.put(vtep, mtu));
            }
        }
        if (hosts.isEmpty()) return Finding.skip("no remote VTEP has a route");
        PathProbe probe = new PathProbe(local.get(), subject.device().orElse(null));
        return judge(subject, needed(subject), probe.ask(hosts));
    }

    private static Optional<Integer> mtu(Netlink netlink, RouteExit exit) {
        int least = Integer.MAX_VALUE;
        for (int index : exit.devices()) {
            try {
                least = Math.min(least, netlink.link(index).map(Link::mtu).orElse(Integer.MAX_VALUE));
            } catch (LinuxException e) {
                return Optional.empty();
            }
        }
        return least == Integer.MAX_VALUE ? Optional.empty() : Optional.of(Math.min(least, 65_535));
    }

    /** Bytes of the largest datagram that a VNI makes; 0 if that is not known. */
    private static int needed(Subject subject) throws LinuxException {
        int inner = 0;
        if (subject.gateway().isPresent()) {
            for (JsonNode vni : subject.gateway().get().vnis()) inner = Math.max(inner, vni.path("mtu").asInt());
        } else if (subject.config().isPresent()) {
            GatewayConfig config = subject.config().get();
            List<OptionalInt> carried = UnderlayMtu.measure(config);
            for (int i = 0; i < carried.size(); i++) {
                int most = carried.get(i).orElse(0) - subject.overheadBytes();
                inner = Math.max(inner, config.vnis().get(i).mtu().orElse(most));
            }
        }
        return inner <= 0 ? 0 : inner + subject.overheadBytes();
    }

    private static Finding judge(Subject subject, int needed, Map<InetAddress, PathProbe.Path> paths) {
        List<String> narrow = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        List<String> wide = new ArrayList<>();
        int least = Integer.MAX_VALUE;
        InetAddress narrowest = null;
        for (Map.Entry<InetAddress, PathProbe.Path> entry : paths.entrySet()) {
            PathProbe.Path path = entry.getValue();
            String address = AddressText.of(entry.getKey());
            int wanted = needed == 0 ? path.asked() : Math.min(needed, path.asked());
            if (!path.answers()) {
                silent.add(address);
            } else if (path.largest() < wanted) {
                narrow.add("to " + address + " only " + path.largest() + " of " + wanted + " bytes get through");
                if (path.largest() < least) narrowest = entry.getKey();
                least = Math.min(least, path.largest());
            } else {
                wide.add(address + " " + path.largest() + " of " + path.asked());
            }
        }
        if (narrowest != null) {
            return Finding.fail(Texts.few(narrow), remedy(subject, narrowest, least));
        }
        if (!silent.isEmpty()) return silent(subject, silent, wide);
        return Finding.ok(Texts.few(wide) + " bytes, there; the way back is not seen");
    }

    private static String remedy(Subject subject, InetAddress vtep, int mtu) {
        return "vnis[].mtu: " + (mtu - subject.overheadBytes()) + ", or ip route replace " + AddressText.of(vtep)
                + " dev " + subject.device().orElse("DEVICE") + " mtu " + mtu + ", or widen the path";
    }

    private static Finding silent(Subject subject, List<String> silent, List<String> wide) {
        boolean heard = subject.gateway()
                .filter(gateway -> silent.stream().allMatch(address -> isHeard(gateway, address)))
                .isPresent();
        String found = Texts.few(silent) + " does not answer ICMP echo: the path is not measured"
                + (wide.isEmpty() ? "" : "; " + Texts.few(wide) + " bytes");
        return heard
                ? Finding.skip(found, "peregrine vtep list has path MTUs that routers have told")
                : Finding.warn(found, "ping -c 1 " + silent.getFirst() + "; ip neigh show " + silent.getFirst());
    }

    private static boolean isHeard(RunningGateway gateway, String address) {
        return gateway.vteps()
                .valueStream()
                .anyMatch(row -> row.path("address").asText().equals(address)
                        && row.path("rxDatagrams").asLong() > 0);
    }
}
