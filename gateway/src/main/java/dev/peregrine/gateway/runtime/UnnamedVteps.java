package dev.peregrine.gateway.runtime;

import dev.peregrine.dataplane.device.fdb.Fdb;
import dev.peregrine.gateway.config.model.GatewayConfig;
import dev.peregrine.gateway.port.Tables;
import dev.peregrine.vxlan.IpAddress;
import dev.peregrine.vxlan.RemoteVtep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds VTEPs that nothing names any more: neither the configuration nor a control plane nor a static FDB entry. On the
 * control thread.
 */
final class UnnamedVteps {
    private final Tables tables;

    UnnamedVteps(Tables tables) {
        this.tables = tables;
    }

    /** From now on the allow list decides about those of some VTEPs that nothing names; returns these. */
    List<RemoteVtep> unconfigure(Collection<RemoteVtep> some, GatewayConfig now) {
        Set<IpAddress> named = new HashSet<>();
        now.configuredVteps().forEach(vtep -> named.add(IpAddress.of(vtep)));
        List<RemoteVtep> unnamed = new ArrayList<>(some);
        unnamed.removeIf(vtep -> !vtep.isConfigured()
                || named.contains(vtep.address())
                || tables.claimedVteps().contains(vtep.address()));
        if (!unnamed.isEmpty()) {
            Set<Integer> used = new HashSet<>();
            tables.fdb().forEach((segment, mac, port, kind, seen) -> {
                if (kind == Fdb.Kind.STATIC) {
                    used.add(port);
                }
            });
            unnamed.removeIf(vtep -> used.contains(vtep.port()));
            unnamed.forEach(tables.vteps()::unconfigure);
        }
        return unnamed;
    }
}
