package dev.peregrine.gateway.config.model;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.dataplane.schedule.Schedule;
import dev.peregrine.gateway.config.model.policy.AddressSetConfig;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The whole configuration of one gateway, checked, with every default filled in. */
public record GatewayConfig(
        UnderlayConfig underlay,
        WorkersConfig workers,
        ScheduleConfig schedule,
        FastpathConfig fastpath,
        List<AddressSetConfig> addressSets,
        FlowStatesConfig flowStates,
        List<VniConfig> vnis,
        ControlConfig control) {

    public GatewayConfig {
        addressSets = List.copyOf(addressSets);
        vnis = List.copyOf(vnis);
    }

    /** The same with another underlay. */
    public GatewayConfig withUnderlay(UnderlayConfig other) {
        return new GatewayConfig(other, workers, schedule, fastpath, addressSets, flowStates, vnis, control);
    }

    /** The same with another schedule. */
    public GatewayConfig withSchedule(ScheduleConfig other) {
        return new GatewayConfig(underlay, workers, other, fastpath, addressSets, flowStates, vnis, control);
    }

    /** The same with another flow cache. */
    public GatewayConfig withFastpath(FastpathConfig other) {
        return new GatewayConfig(underlay, workers, schedule, other, addressSets, flowStates, vnis, control);
    }

    /** The same with other address sets. */
    public GatewayConfig withAddressSets(List<AddressSetConfig> others) {
        return new GatewayConfig(underlay, workers, schedule, fastpath, others, flowStates, vnis, control);
    }

    /** The same with other VNIs. */
    public GatewayConfig withVnis(List<VniConfig> others) {
        return new GatewayConfig(underlay, workers, schedule, fastpath, addressSets, flowStates, others, control);
    }

    /** The same with another control section. */
    public GatewayConfig withControl(ControlConfig other) {
        return new GatewayConfig(underlay, workers, schedule, fastpath, addressSets, flowStates, vnis, other);
    }

    /** The VNI with a number; empty when there is none. */
    public Optional<VniConfig> vni(int number) {
        return vnis.stream().filter(vni -> vni.vni() == number).findFirst();
    }

    /**
     * The networks that VXLAN datagrams are accepted from: {@code underlay.allow}, or every
     * {@linkplain #configuredVteps() configured VTEP}.
     */
    public List<Prefix> allowedVteps() {
        return underlay.allow()
                .orElseGet(() -> configuredVteps().stream().map(Prefix::of).toList());
    }

    /**
     * The number of workers where the process may use a number of CPUs. Unless the file has it, half of the CPUs have
     * one, at least one, or two if they are to be pipelined: the others are left to the workloads.
     */
    public int workersOn(int cpus) {
        int listed = workers.cpus().size();
        int atLeast = schedule.mode() == Schedule.Mode.PIPELINED ? Math.min(2, cpus) : 1;
        return workers.count().orElse(listed > 0 ? listed : Math.max(atLeast, cpus / 2));
    }

    /** Every remote VTEP named as such, in a flood list or in a static FDB entry, once, in the file's order. */
    public Set<InetAddress> configuredVteps() {
        Set<InetAddress> vteps = new LinkedHashSet<>(underlay.vteps());
        for (VniConfig vni : vnis) {
            vteps.addAll(vni.flood());
            vni.fdb().forEach(entry -> entry.vtep().ifPresent(vteps::add));
        }
        return vteps;
    }
}
