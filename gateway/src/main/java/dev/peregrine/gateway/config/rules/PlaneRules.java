package dev.peregrine.gateway.config.rules;

import dev.peregrine.controlplane.evpn.GobgpEngine;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.plane.EtcdPlaneConfig;
import dev.peregrine.gateway.config.model.plane.EvpnPlaneConfig;
import dev.peregrine.gateway.config.model.plane.FilePlaneConfig;
import dev.peregrine.gateway.config.model.plane.KubernetesPlaneConfig;
import dev.peregrine.gateway.config.model.plane.PlaneConfig;
import dev.peregrine.gateway.config.model.plane.TlsConfig;
import dev.peregrine.gateway.config.schema.Once;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.value.Addresses;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The conditions between the keys of control planes, and of VNIs that name them. */
final class PlaneRules {
    private static final String NO_PLAIN_TEXT = "https:, an address of this host such as 127.0.0.1, or insecure: true";

    private static final String NO_GOBGP =
            "frr: gobgp takes the module controlplane-gobgp, which is not on the class path;"
                    + " PEREGRINE_CLASS_PATH='FOLDER/*' adds its jars, see control-gobgp.md";

    private final Reading reading;
    private final GatewayConfig config;
    private final Set<String> names = new LinkedHashSet<>();

    PlaneRules(Reading reading, GatewayConfig config) {
        this.reading = reading;
        this.config = config;
    }

    void check() {
        Once<String> once = new Once<>(reading, "a name used once among the planes");
        Once<String> engines = new Once<>(reading, "one plane of type evpn");
        Once<Path> announced = new Once<>(reading, "a file that one plane announces to");
        for (PlaneConfig plane : config.control().planes().planes()) {
            Record part = (Record) plane;
            once.add(part, "name", plane.name(), plane.name());
            names.add(plane.name());
            checkAllow(plane, part);
            switch (plane) {
                case EtcdPlaneConfig etcd -> checkEtcd(etcd);
                case EvpnPlaneConfig evpn -> {
                    engines.add(evpn, "type", evpn.type(), evpn.type());
                    checkEngine(evpn, config.underlay());
                }
                case FilePlaneConfig file ->
                    file.announce().ifPresent(path -> announced.add(file, "announce", path, path.toString()));
                case KubernetesPlaneConfig kubernetes -> checkServer(kubernetes);
            }
        }
        config.vnis().forEach(this::checkNames);
    }

    private void checkAllow(PlaneConfig plane, Record part) {
        List<Prefix> allow = plane.allow().orElse(List.of());
        if (reading.broken(part, "allow")) return;
        for (int i = 0; i < allow.size(); i++) {
            Prefix network = allow.get(i);
            if (!Addresses.sameFamily(network.address(), config.underlay().local())) {
                reading.error(part, "allow", i, network.toString(), Rules.familyOf(config.underlay()));
            }
        }
    }

    private void checkEtcd(EtcdPlaneConfig plane) {
        if (plane.endpoints().isEmpty() && !reading.broken(plane, "endpoints")) {
            reading.error(plane, "endpoints", "an empty list", "at least one endpoint");
        }
        if (plane.user().isPresent() != plane.passwordFile().isPresent()) {
            String missing = plane.user().isPresent() ? "passwordFile" : "user";
            if (!reading.broken(plane, missing)) {
                reading.error(plane, missing, "nothing", "user and passwordFile, or none of the two");
            }
        }
        plane.tls().ifPresent(this::checkTls);
        if (!reading.broken(plane, "endpoints")) checkPlainText(plane);
    }

    private void checkTls(TlsConfig tls) {
        if (tls.cert().isPresent() == tls.key().isPresent()) return;
        String missing = tls.cert().isPresent() ? "key" : "cert";
        if (!reading.broken(tls, missing)) {
            reading.error(tls, missing, "nothing", "cert and key, or none of the two");
        }
    }

    private void checkPlainText(EtcdPlaneConfig plane) {
        for (int i = 0; i < plane.endpoints().size(); i++) {
            URI endpoint = plane.endpoints().get(i);
            if (isPlainText(endpoint) && !plane.insecure()) {
                reading.error(plane, "endpoints", i, endpoint.toString(), NO_PLAIN_TEXT);
            }
        }
    }

    private void checkServer(KubernetesPlaneConfig plane) {
        plane.server()
                .filter(server -> isPlainText(server) && !plane.insecure())
                .ifPresent(server -> {
                    if (!reading.broken(plane, "server"))
                        reading.error(plane, "server", server.toString(), NO_PLAIN_TEXT);
                });
    }

    private static boolean isPlainText(URI endpoint) {
        return endpoint.getScheme().equals("http") && !isLoopback(endpoint.getHost());
    }

    private static boolean isLoopback(String host) {
        InetAddress address = Addresses.parse(host.replaceAll("[\\[\\]]", ""));
        return address == null ? host.equals("localhost") : address.isLoopbackAddress();
    }

    private void checkEngine(EvpnPlaneConfig plane, UnderlayConfig underlay) {
        boolean isGobgp = plane.engine() == EvpnPlaneConfig.Engine.GOBGP;
        if (isGobgp && GobgpEngine.find().isEmpty()) {
            reading.error(plane, "engine", "gobgp", NO_GOBGP);
        }
        if (!isGobgp && plane.port() == underlay.port()) {
            String expected = "another port than " + underlay.port() + ", which is underlay.port";
            reading.error(plane, "port", Integer.toString(plane.port()), expected);
        }
    }

    private void checkNames(VniConfig vni) {
        if (reading.broken(vni, "control") || reading.broken(config.control(), "planes")) return;
        Once<String> once = new Once<>(reading, "a plane listed once");
        for (int i = 0; i < vni.control().size(); i++) {
            String name = vni.control().get(i);
            once.add(vni, "control", i, name, name);
            if (!names.contains(name)) {
                String known = names.isEmpty() ? "; there is none" : ": " + String.join(", ", names);
                reading.error(vni, "control", i, name, "the name of a plane in control.planes" + known);
            }
        }
    }
}
