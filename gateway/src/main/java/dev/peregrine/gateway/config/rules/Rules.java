package dev.peregrine.gateway.config.rules;

import dev.peregrine.dataplane.linux.sys.AddressText;
import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.gateway.config.keys.NetworkTypes;
import dev.peregrine.gateway.config.model.DeviceIdsConfig;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.config.model.PortConfig;
import dev.peregrine.gateway.config.model.ScheduleConfig;
import dev.peregrine.gateway.config.model.UnderlayConfig;
import dev.peregrine.gateway.config.model.VniConfig;
import dev.peregrine.gateway.config.model.WorkersConfig;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import dev.peregrine.gateway.config.schema.Once;
import dev.peregrine.gateway.config.schema.Reading;
import dev.peregrine.gateway.config.value.Addresses;
import dev.peregrine.gateway.config.value.Delivery;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The conditions between several keys: the gateway's as a whole here, a segment's in {@link VniRules}. */
public final class Rules {
    private final Reading reading;

    /** Conditions whose violations go to {@code reading}. */
    public Rules(Reading reading) {
        this.reading = reading;
    }

    /** Reports every condition that the file violates. */
    public void check(GatewayConfig config) {
        checkUnderlay(config.underlay());
        checkWorkers(config.workers());
        checkSchedule(config.schedule());
        checkUnique(config);
        config.vnis().forEach(vni -> new VniRules(reading, config, vni).check());
        checkPolicies(config);
        new PlaneRules(reading, config).check();
        checkAccepted(config);
        config.vnis().forEach(vni -> checkReachesOthers(config, vni));
        if (config.vnis().isEmpty() && !reading.broken(config, "vnis")) {
            reading.warning(config, "vnis", "there is no VNI: every packet will be dropped");
        }
    }

    private void checkPolicies(GatewayConfig config) {
        Once<String> names = new Once<>(reading, "a name used once");
        Set<String> sets = new HashSet<>();
        for (AddressSetConfig set : config.addressSets()) {
            names.add(set, "name", set.name(), set.name());
            sets.add(set.name());
        }
        PolicyRules rules = new PolicyRules(reading, sets);
        for (VniConfig vni : config.vnis()) {
            vni.policy().ifPresent(policy -> rules.check(policy, null));
            vni.ports().forEach(port -> port.policy().ifPresent(policy -> rules.check(policy, port)));
        }
    }

    private void checkUnderlay(UnderlayConfig underlay) {
        if (underlay.sourcePorts().contains(underlay.port())) {
            String expected = "a range without " + underlay.port() + ", which is underlay.port";
            reading.error(underlay, "sourcePorts", NetworkTypes.text(underlay.sourcePorts()), expected);
        }
        checkVteps(underlay);
        List<Prefix> allow = underlay.allow().orElse(List.of());
        if (reading.broken(underlay, "allow")) return;
        for (int i = 0; i < allow.size(); i++) {
            if (!Addresses.sameFamily(allow.get(i).address(), underlay.local())) {
                reading.error(underlay, "allow", i, allow.get(i).toString(), familyOf(underlay));
            }
        }
    }

    private void checkVteps(UnderlayConfig underlay) {
        if (reading.broken(underlay, "vteps")) return;
        Once<InetAddress> vteps = new Once<>(reading, "a VTEP listed once");
        for (int i = 0; i < underlay.vteps().size(); i++) {
            InetAddress vtep = underlay.vteps().get(i);
            String problem = vtepProblem(underlay, vtep);
            if (!problem.isEmpty()) reading.error(underlay, "vteps", i, AddressText.of(vtep), problem);
            vteps.add(underlay, "vteps", i, vtep, AddressText.of(vtep));
        }
    }

    /** The expectation that a remote VTEP does not meet; empty when nothing is wrong. */
    static String vtepProblem(UnderlayConfig underlay, InetAddress vtep) {
        if (vtep.equals(underlay.local())) return "a remote VTEP, not underlay.local itself";
        return Addresses.sameFamily(vtep, underlay.local()) ? "" : familyOf(underlay);
    }

    private void checkWorkers(WorkersConfig workers) {
        int cpus = workers.cpus().size();
        if (cpus > 0 && workers.count().orElse(cpus) > cpus) {
            String found = workers.count().getAsInt() + " workers";
            reading.error(workers, "count", found, "at most " + cpus + ", one for each CPU of workers.cpus");
        }
    }

    private void checkSchedule(ScheduleConfig schedule) {
        DeviceIdsConfig ids = schedule.deviceIds();
        Once<Integer> used = new Once<>(reading, "an id that no other kind of device has");
        ids.byKind().forEach((kind, id) -> used.add(ids, kind, id, "id " + id));
    }

    private void checkUnique(GatewayConfig config) {
        Once<Integer> vnis = new Once<>(reading, "a VNI used once");
        Once<String> names = new Once<>(reading, "a port name used once in the file");
        Once<String> devices = new Once<>(reading, "a device used once in its namespace");
        Once<String> deliveries = new Once<>(reading, "a socket that nothing else uses");
        config.underlay().device().ifPresent(device -> devices.add(config.underlay(), "device", " " + device, device));
        deliveries.add(
                config.control(),
                "socket",
                "unix:" + config.control().socket(),
                config.control().socket().toString());
        for (VniConfig vni : config.vnis()) {
            vnis.add(vni, "vni", vni.vni(), "VNI " + vni.vni());
            for (PortConfig port : vni.ports()) {
                Record part = (Record) port;
                names.add(part, "name", port.name(), port.name());
                String device = port.device();
                if (device != null) {
                    devices.add(part, "device", port.namespace() + " " + device, device);
                }
                Delivery delivery = port.deliver();
                if (delivery != null) deliveries.add(part, "deliver", delivery.toString(), delivery.toString());
            }
        }
    }

    private void checkAccepted(GatewayConfig config) {
        List<Prefix> allowed = config.allowedVteps();
        for (InetAddress vtep : config.configuredVteps()) {
            boolean same = Addresses.sameFamily(vtep, config.underlay().local());
            if (same && allowed.stream().noneMatch(network -> network.contains(vtep))) {
                String text = AddressText.of(vtep) + " is sent to, but nothing is accepted from it";
                reading.warning(config.underlay(), "allow", text);
            }
        }
    }

    /** A VNI without a remote VTEP is a switch on this host, which is seldom meant. */
    private void checkReachesOthers(GatewayConfig config, VniConfig vni) {
        boolean named = !vni.flood().isEmpty()
                || !vni.control().isEmpty()
                || vni.fdb().stream().anyMatch(entry -> entry.vtep().isPresent());
        if (named || isBroken(vni, "flood", "fdb", "control")) return;
        String accepted = config.allowedVteps().isEmpty() ? ", and none is accepted" : "";
        reading.warning(
                vni,
                "flood",
                "neither flood nor fdb names a VTEP: broadcasts and frames to unknown hosts stay on this host"
                        + accepted);
    }

    private boolean isBroken(VniConfig vni, String... keys) {
        return Arrays.stream(keys).anyMatch(key -> reading.broken(vni, key));
    }

    static String familyOf(UnderlayConfig underlay) {
        return (underlay.local() instanceof Inet4Address ? "IPv4" : "IPv6") + ", as underlay.local is";
    }
}
