/** The difference between configurations. */
@NullMarked
package dev.peregrine.gateway.config.change;

import org.jspecify.annotations.NullMarked;
