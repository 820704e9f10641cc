/** The underlay watched: its interface, addresses, MTUs, buffers, failures, and the VTEPs at the far end. */
@NullMarked
package dev.peregrine.gateway.underlay;

import org.jspecify.annotations.NullMarked;
