/** The arguments of commands, as records that the client writes and the gateway reads. */
@NullMarked
package dev.peregrine.gateway.control.request;

import org.jspecify.annotations.NullMarked;
