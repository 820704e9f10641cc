/** The policy of a port or a VNI as immutable records. */
@NullMarked
package dev.peregrine.gateway.config.model.policy;

import org.jspecify.annotations.NullMarked;
