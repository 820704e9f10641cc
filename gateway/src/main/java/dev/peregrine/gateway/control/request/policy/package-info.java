/** The requests about policies and the connection table. */
@NullMarked
package dev.peregrine.gateway.control.request.policy;

import org.jspecify.annotations.NullMarked;
