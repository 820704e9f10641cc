/** Requests that change the configuration of a running gateway: its file read again, ports, VNIs, VTEPs, floods. */
@NullMarked
package dev.peregrine.gateway.control.request.change;

import org.jspecify.annotations.NullMarked;
