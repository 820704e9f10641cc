/**
 * The seam between the gateway and control planes: planes report {@linkplain dev.peregrine.controlplane.Claim claims}
 * of what is where, and publish what is {@linkplain dev.peregrine.controlplane.LocalState here}. They touch no table.
 */
@NullMarked
package dev.peregrine.controlplane;

import org.jspecify.annotations.NullMarked;
