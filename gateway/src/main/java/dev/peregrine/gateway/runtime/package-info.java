/** A running gateway: brought up, kept in order, and drained. */
@NullMarked
package dev.peregrine.gateway.runtime;

import org.jspecify.annotations.NullMarked;
