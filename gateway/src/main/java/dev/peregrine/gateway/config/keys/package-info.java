/** Every key of the configuration, once: its name, type, range, default and meaning. */
@NullMarked
package dev.peregrine.gateway.config.keys;

import org.jspecify.annotations.NullMarked;
