/** The records of control planes: where a gateway learns of others, and publishes what is here. */
@NullMarked
package dev.peregrine.gateway.config.model.plane;

import org.jspecify.annotations.NullMarked;
