package dev.peregrine.gateway.runtime;

import dev.peregrine.gateway.drops.DropWatch;
import dev.peregrine.gateway.port.PortWatch;
import dev.peregrine.gateway.underlay.PlacementWatch;
import dev.peregrine.gateway.underlay.VtepWatch;

/**
 * The watches of a gateway: {@link Housekeeping} has them look, commands and metrics ask them. They belong to the
 * control thread.
 *
 * @param placement over the CPUs of workers and receivers
 * @param ports over the local ports
 * @param vteps over the remote VTEPs
 * @param drops over the drops
 */
public record Watches(PlacementWatch placement, PortWatch ports, VtepWatch vteps, DropWatch drops) {}
