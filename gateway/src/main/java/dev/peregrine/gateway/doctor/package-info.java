/**
 * {@code doctor}: looks at a host, and at the gateway that runs there or is to run, and says what is wrong and what to
 * do.
 */
@NullMarked
package dev.peregrine.gateway.doctor;

import org.jspecify.annotations.NullMarked;
