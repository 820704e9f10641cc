/** Local ports of each type, made, watched and retried, and the tables that they stand in. */
@NullMarked
package dev.peregrine.gateway.port;

import org.jspecify.annotations.NullMarked;
