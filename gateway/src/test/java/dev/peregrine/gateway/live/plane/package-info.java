/**
 * Whole gateways that know each other by control planes and by nothing else: their configuration has no remote VTEP.
 */
@NullMarked
package dev.peregrine.gateway.live.plane;

import org.jspecify.annotations.NullMarked;
