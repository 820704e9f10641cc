package dev.peregrine.gateway.config.model.policy;

import dev.peregrine.dataplane.linux.sys.Prefix;
import dev.peregrine.gateway.config.value.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * The addresses and roles that a port's workload may claim.
 *
 * @param macs its MAC addresses; empty: that of the port
 * @param addresses its networks; empty: the addresses of the port
 * @param router whether it may send what only routers may
 * @param anyLinkLocal whether it may use link-local IPv6 addresses that are not made of its MAC address
 * @param dhcpServer whether it may answer DHCP requests
 */
public record AntiSpoofingConfig(
        Optional<List<MacAddress>> macs,
        Optional<List<Prefix>> addresses,
        boolean anyLinkLocal,
        boolean router,
        boolean dhcpServer) {}
