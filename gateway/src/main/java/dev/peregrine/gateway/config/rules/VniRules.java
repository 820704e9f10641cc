package dev.peregrine.gateway.config.rules;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.gateway.config.model.FdbEntryConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.NeighbourConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.PortRules;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.schema.Once;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.value.MacAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The conditions between the keys of one segment. */
final class VniRules {
    /** Smallest MTU that IPv6 works with (RFC 8200 §5). */
    private static final int IPV6_MIN_MTU = 1280;

    private static final int MAX_IP_PACKET = 65_535;

    private final Reading reading;
    private final UnderlayConfig underlay;
    private final VniConfig vni;
    private final Map<String, PortConfig> ports = new HashMap<>();

    VniRules(Reading reading, GatewayConfig config, VniConfig vni) {
        this.reading = reading;
        this.underlay = config.underlay();
        this.vni = vni;
        vni.ports().forEach(port -> ports.put(port.name(), port));
    }

    void check() {
        checkMtu();
        checkFlood();
        checkFdb();
        checkNeighbours();
        checkPorts();
    }

    private void checkNeighbours() {
        Once<InetAddress> addresses = new Once<>(reading, "an address listed once in its VNI");
        for (NeighbourConfig neighbour : vni.neighbours()) {
            addresses.add(neighbour, "address", neighbour.address(), AddressText.of(neighbour.address()));
        }
        if (!vni.neighbours().isEmpty() && !vni.suppressNeighbours()) {
            reading.error(vni, "suppressNeighbours", "false", "true, as the VNI has neighbours");
        }
    }

    /** That the underlay's device carries an explicit MTU is checked at start, when the device is known. */
    private void checkMtu() {
        if (vni.mtu().isEmpty()) return;
        int mtu = vni.mtu().getAsInt();
        int max = MAX_IP_PACKET - underlay.overheadBytes();
        String found = Integer.toString(mtu);
        if (mtu > max) {
            reading.error(
                    vni, "mtu", found, "at most " + max + ": 65535 less the overhead of " + underlay.overheadBytes());
        }
        boolean ipv6 = innerAddresses().stream().anyMatch(Inet6Address.class::isInstance);
        if (mtu < IPV6_MIN_MTU && ipv6) {
            reading.error(vni, "mtu", found, "at least " + IPV6_MIN_MTU + ", as a port has an IPv6 address");
        }
    }

    private List<InetAddress> innerAddresses() {
        return vni.ports().stream()
                .flatMap(port -> port.ownAddresses().stream())
                .toList();
    }

    private void checkFlood() {
        if (reading.broken(vni, "flood")) return;
        Once<InetAddress> vteps = new Once<>(reading, "a VTEP listed once");
        for (int i = 0; i < vni.flood().size(); i++) {
            InetAddress vtep = vni.flood().get(i);
            String problem = vtep.equals(underlay.local()) ? "" : vtepProblem(vtep);
            if (!problem.isEmpty()) reading.error(vni, "flood", i, AddressText.of(vtep), problem);
            vteps.add(vni, "flood", i, vtep, AddressText.of(vtep));
        }
    }

    private String vtepProblem(InetAddress vtep) {
        return Rules.vtepProblem(underlay, vtep);
    }

    private void checkFdb() {
        Once<MacAddress> macs = new Once<>(reading, "a MAC address listed once in its VNI");
        for (FdbEntryConfig entry : vni.fdb()) {
            macs.add(entry, "mac", entry.mac(), entry.mac().toString());
            checkTarget(entry);
            entry.port().ifPresent(port -> checkPortExists(entry, port));
            entry.vtep().ifPresent(vtep -> {
                String problem = vtepProblem(vtep);
                if (!problem.isEmpty()) reading.error(entry, "vtep", AddressText.of(vtep), problem);
            });
            checkOwner(entry);
        }
        if (vni.fdb().size() > vni.fdbLimit()) {
            String found = vni.fdb().size() + " entries";
            reading.error(vni, "fdb", found, "at most fdbLimit, which is " + vni.fdbLimit());
        }
    }

    private void checkTarget(FdbEntryConfig entry) {
        if (reading.broken(entry, "vtep") || reading.broken(entry, "port")) return;
        if (entry.vtep().isPresent() && entry.port().isPresent()) {
            reading.error(entry, "port", "a port beside a vtep", "one of the two");
        } else if (entry.vtep().isEmpty() && entry.port().isEmpty()) {
            reading.error(entry, "vtep", "neither vtep nor port", "one of the two");
        }
    }

    private void checkPortExists(FdbEntryConfig entry, String name) {
        if (ports.containsKey(name) || reading.broken(vni, "ports")) return;
        String known = ports.isEmpty()
                ? "a port of VNI " + vni.vni() + ", which has none"
                : "a port of VNI " + vni.vni() + ": "
                        + String.join(", ", ports.keySet().stream().sorted().toList());
        reading.error(entry, "port", name, known);
    }

    private void checkOwner(FdbEntryConfig entry) {
        for (PortConfig port : vni.ports()) {
            boolean elsewhere = !entry.port().equals(Optional.of(port.name()));
            if (elsewhere && port.ownMac().equals(Optional.of(entry.mac()))) {
                String found = entry.mac() + ", the address of port " + port.name();
                reading.error(entry, "mac", found, "an address that no local port has, or port: " + port.name());
            }
        }
    }

    private void checkPorts() {
        Once<MacAddress> macs = new Once<>(reading, "a MAC address that no other port of its VNI has");
        Once<InetAddress> addresses = new Once<>(reading, "an address that no other port of its VNI has");
        for (PortConfig port : vni.ports()) port.check(new PortRules(reading, (Record) port, macs, addresses));
    }
}
