/** All drops by reason, those included that the kernel counts, and what the log says of them and of offloads. */
@NullMarked
package dev.peregrine.gateway.drops;

import org.jspecify.annotations.NullMarked;
