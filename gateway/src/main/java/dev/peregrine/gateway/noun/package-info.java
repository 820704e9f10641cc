/** The commands of the control socket, one noun a class. */
@NullMarked
package dev.peregrine.gateway.noun;

import org.jspecify.annotations.NullMarked;
