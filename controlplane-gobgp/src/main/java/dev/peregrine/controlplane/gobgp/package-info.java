/**
 * EVPN by a GoBGP on this host, over its gRPC API: routes are read as
 * {@linkplain dev.peregrine.controlplane.Claim claims}, and what is here is injected as routes.
 */
@NullMarked
package dev.peregrine.controlplane.gobgp;

import org.jspecify.annotations.NullMarked;
