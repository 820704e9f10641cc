/** Policies compiled, published to the workers, changed by command, explained for a packet, and logged. */
@NullMarked
package dev.peregrine.gateway.policy;

import org.jspecify.annotations.NullMarked;
