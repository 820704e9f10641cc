package dev.peregrine.gateway.config;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
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

    /**
     * The networks that VXLAN datagrams are accepted from: {@code underlay.allow}, or every remote VTEP
     * named in a flood list or a static FDB entry.
     */
    public List<Prefix> allowedVteps() {
        return underlay.allow()
                .orElseGet(() -> configuredVteps().stream()
                        .map(address -> new Prefix(address, address.getAddress().length * 8))
                        .toList());
    }

    /** Every remote VTEP named in a flood list or a static FDB entry, once, in the file's order. */
    public Set<InetAddress> configuredVteps() {
        Set<InetAddress> vteps = new LinkedHashSet<>();
        for (VniConfig vni : vnis) {
            vteps.addAll(vni.flood());
            vni.fdb().forEach(entry -> entry.vtep().ifPresent(vteps::add));
        }
        return vteps;
    }
}
